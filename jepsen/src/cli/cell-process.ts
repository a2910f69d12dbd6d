import { JepsenError } from '../errors.js';
import type { Cell } from '../matrix/cell.js';
import { type CellResult, resultOf } from '../matrix/cell-result.js';
import type { Progress } from '../run/progress.js';
import { untilInterrupted } from './interruption.js';
import { testPlan } from './test-command.js';
import { planOf, type TestOptions } from './test-options.js';

/** What the program that started this process sends it first. */
export interface CellRequest {
  readonly cell: Cell;
  readonly options: TestOptions;
}

/** What this process tells it. */
export type CellMessage =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'ended'; readonly result: CellResult };

/** Runs one cell of a matrix. A process of its own for each: what one costs keeps no other waiting. */
async function runCell(request: CellRequest, signal: AbortSignal): Promise<CellResult> {
  const { cell, options } = request;
  try {
    const own = { ...options, suite: cell.suite };
    const nemeses = cell.nemesis.replaceAll('+', ',');
    const plan = await planOf(own, cell.workload, nemeses, cell.seed);
    const outcome = await testPlan(plan, own, signal, (progress) =>
      tell({ kind: 'progress', progress }),
    );
    return resultOf(cell, options.store, outcome);
  } catch (error) {
    signal.throwIfAborted();
    // What this machine or this system can't have says nothing about the system.
    const isSkipped = error instanceof JepsenError && SKIPPED_CODES.has(error.code);
    const reason = error instanceof Error ? error.message : String(error);
    return { ...cell, outcome: isSkipped ? 'skipped' : 'failed', reasons: [reason] };
  }
}

const SKIPPED_CODES: ReadonlySet<string> = new Set(['NEMESIS_UNAVAILABLE', 'SYSTEM_UNAVAILABLE']);

function tell(message: CellMessage): void {
  if (process.connected) process.send?.(message);
}

// Nobody may be left to read it.
process.stderr.on('error', () => {});
// Whether a terminal that is gone ends the matrix is for its own process to decide; if it does, this one hears of it.
process.on('SIGHUP', () => {});

process.once('message', async (request: CellRequest) => {
  const orphaned = new AbortController();
  const orphan = () => orphaned.abort(new Error('the matrix has ended'));
  process.once('disconnect', orphan);
  try {
    const result = await untilInterrupted((interrupted) =>
      runCell(request, AbortSignal.any([interrupted, orphaned.signal])),
    );
    tell({ kind: 'ended', result });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  } finally {
    process.off('disconnect', orphan);
    if (process.connected) process.disconnect();
  }
});
