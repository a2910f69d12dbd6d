import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { JepsenError } from '../errors.js';
import type { Hold } from './holds/hold.js';

/** Files that are named to the tracer: more do not fit on a command line with certainty. */
const MAX_FILES = 500;
const MAX_ATTACHING_MS = 20_000;
const MAX_DETACHING_MS = 5_000;

/** The calls with which a process changes files. Those that go to sockets and pipes are told apart by the file. */
export const WRITES = ['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'fallocate'] as const;
export const SYNCS = ['fsync', 'fdatasync', 'sync_file_range'] as const;

export interface CallFault {
  readonly calls: readonly string[];
  /** What becomes of them, in the tracer's words: `error=EIO`, `delay_exit=200000` (microseconds). */
  readonly injection: string;
  /** Every so manieth of each thread. */
  readonly every: number;
}

let isTraceable: Promise<string | undefined> | undefined;

/** Why no tracer can be had here, tried once: undefined where one can. */
export function tracerUnavailable(): Promise<string | undefined> {
  isTraceable ??= tryTracer();
  return isTraceable;
}

async function tryTracer(): Promise<string | undefined> {
  const traced = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    await once(traced, 'spawn');
    const tracer = await attach(traced.pid ?? 0, ['-e', 'trace=fsync']);
    await detach(tracer);
    return undefined;
  } catch (failure) {
    return `strace can't be had or may not trace here: ${String(failure)}`;
  } finally {
    traced.kill('SIGKILL');
  }
}

/**
 * Has calls of a process, of all of its threads, fail or take long, where they concern files in this directory
 * that are there now. Ends with the process, or with the hold.
 */
export async function failCalls(
  processId: number,
  directory: string,
  fault: CallFault,
): Promise<Hold> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).slice(-MAX_FILES);
  const paths = files.flatMap((file) => ['-P', join(file.parentPath, file.name)]);
  const calls = fault.calls.join(',');
  const when = fault.every === 1 ? '' : `:when=${fault.every}+${fault.every}`;
  const tracer = await attach(processId, [
    ...paths,
    '-e',
    `trace=${calls}`,
    '-e',
    `inject=${calls}:${fault.injection}${when}`,
  ]);
  return { release: () => detach(tracer) };
}

/** Resolves once the tracer has the process and all its threads. */
async function attach(processId: number, args: readonly string[]): Promise<ChildProcess> {
  const tracer = spawn('strace', ['-f', '-o', '/dev/null', ...args, '-p', String(processId)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const attached = new Promise<void>((resolve, reject) => {
    tracer.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-1_000);
      if (said.includes('attached')) resolve();
    });
    tracer.once('error', reject);
    tracer.once('close', () => reject(new Error(said.trim() || 'strace ended')));
  });
  const late = setTimeout(() => tracer.kill('SIGKILL'), MAX_ATTACHING_MS);
  try {
    await attached;
    return tracer;
  } catch (failure) {
    throw new JepsenError('NEMESIS_UNAVAILABLE', `strace does not attach: ${String(failure)}`);
  } finally {
    clearTimeout(late);
  }
}

/** Resolves once the process is by itself again. */
async function detach(tracer: ChildProcess): Promise<void> {
  if (tracer.exitCode !== null || tracer.signalCode !== null) return;
  const ended = once(tracer, 'exit');
  tracer.kill('SIGTERM');
  const late = setTimeout(() => tracer.kill('SIGKILL'), MAX_DETACHING_MS);
  await ended;
  clearTimeout(late);
}
