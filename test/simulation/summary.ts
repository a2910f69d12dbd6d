import type { Violation } from './property.js';
import type { RunResult } from './simulation.js';

/** How a run ended, as plain data. */
export interface RunSummary {
  readonly seed: number;
  readonly members: number;
  /** The numbers of the faults that its schedule had. */
  readonly faults: readonly number[];
  readonly violation: Violation | null;
  readonly traceHash: string;
  readonly virtualMs: number;
  readonly events: number;
  readonly committed: number;
  /** CPU time of the process that made it. */
  readonly cpuMs: number;
  readonly coverage: Readonly<Record<string, number>>;
}

export function summarize(result: RunResult): RunSummary {
  const { seed, options, violation, traceHash, virtualMs, events, committed, cpuMs } = result;
  return {
    seed,
    members: options.members.length,
    faults: result.schedule.map(({ number }) => number),
    violation: violation ?? null,
    traceHash,
    virtualMs,
    events,
    committed,
    cpuMs,
    coverage: result.coverage.counts(),
  };
}
