import { readdirSync, readFileSync } from 'node:fs';

/** What Linux tells of a process. */
export interface ProcessStatus {
  readonly parent: number;
  readonly session: number;
  /** When it started, in ticks since the machine did: with the id it names a process for good. */
  readonly startTicks: number;
  readonly isZombie: boolean;
}

/** Undefined where there is no such process. */
export function processStatus(pid: number): ProcessStatus | undefined {
  const text = readProcess(pid, 'stat');
  // The name, in parentheses, may hold anything.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined || fields.length < 20) return undefined;
  return {
    parent: Number(fields[1]),
    session: Number(fields[3]),
    startTicks: Number(fields[19]),
    isZombie: fields[0] === 'Z',
  };
}

/** The processes that were started with this environment variable, and their descendants, as far as they kept it. */
export function processesWith(name: string, value: string): readonly number[] {
  const entry = `\0${name}=${value}\0`;
  return allProcesses().filter((pid) => `\0${readProcess(pid, 'environ') ?? ''}`.includes(entry));
}

function allProcesses(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid));
}

/** Undefined where the process is gone, or another user's. */
function readProcess(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
}

/** Whether the signal was sent: false where there is no such process any more. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Of this start of the machine. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}
