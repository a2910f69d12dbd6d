import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/** What a machine has to do, and with what. */
export interface MachineLoad {
  /** Threads that run or could. */
  readonly runnable: number;
  /** The same over the last minute; those that wait for a disk count, on Linux. */
  readonly average: number;
  readonly cores: number;
}

/** How many times longer than on an idle machine a thread takes for its work; at least 1. */
export function slowdown({ runnable, average, cores }: MachineLoad): number {
  return Math.max(1, runnable / cores, average / cores);
}

/** This machine's, at this moment. */
export function machineLoad(): MachineLoad {
  const [average = 0] = loadavg();
  return { runnable: runnableThreads() ?? average, average, cores: availableParallelism() };
}

/** Undefined where the system does not tell. */
function runnableThreads(): number | undefined {
  try {
    const [, runnable] = / (\d+)\/\d+ /.exec(readFileSync('/proc/loadavg', 'latin1')) ?? [];
    return runnable === undefined ? undefined : Number(runnable);
  } catch {
    return undefined;
  }
}
