import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Cell } from '../matrix/cell.js';
import type { CellResult } from '../matrix/cell-result.js';
import type { Progress } from '../run/progress.js';
import type { CellMessage, CellRequest } from './cell-process.js';
import type { TestOptions } from './test-options.js';

const PROGRAM = fileURLToPath(new URL('cell-process.js', import.meta.url));
/** For a cell that is to end early, to take its cluster down. */
const ENDING_MS = 60_000;
/** Of what a cell's process says against itself. */
const MAX_COMPLAINT_CHARACTERS = 2_000;

/**
 * Runs a cell in a process of its own. Whatever becomes of that process, the cell has a result. Rejects with the
 * signal's reason, once nothing of the cell is left running.
 */
export async function runCell(
  cell: Cell,
  options: TestOptions,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<CellResult> {
  signal.throwIfAborted();
  const child = fork(PROGRAM, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const complaint = textOf(child);
  let result: CellResult | undefined;
  child.on('message', (message: CellMessage) => {
    if (message.kind === 'progress') onProgress(message.progress);
    else result = message.result;
  });
  const ended = endOf(child);
  const request: CellRequest = { cell, options };
  // One that is gone already has its end told below.
  child.send(request, () => undefined);
  const end = await untilEnd(child, ended, maxDurationMs(options), signal);
  signal.throwIfAborted();
  const reason = `its process ended ${end} without a result: ${complaint()}`;
  return result ?? { ...cell, outcome: 'failed', reasons: [reason] };
}

/** All that a test waits for, each for as long as it may: what takes longer hangs. */
function maxDurationMs({ time, patience, checkTime }: TestOptions): number {
  return (time + 10 * (patience + checkTime)) * 1000;
}

/** Ends it by the signal, or after so long; how it ended. */
async function untilEnd(
  child: ChildProcess,
  ended: Promise<string>,
  maxMs: number,
  signal: AbortSignal,
): Promise<string> {
  let kill: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill('SIGTERM');
    kill ??= setTimeout(() => child.kill('SIGKILL'), ENDING_MS);
  };
  const late = setTimeout(end, maxMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await ended;
  } finally {
    clearTimeout(late);
    clearTimeout(kill);
    signal.removeEventListener('abort', end);
  }
}

async function endOf(child: ChildProcess): Promise<string> {
  try {
    const [code, killedBy] = await once(child, 'close');
    return killedBy === null ? `with exit code ${code}` : `by ${killedBy}`;
  } catch (error) {
    return `as it could not be started (${error instanceof Error ? error.message : error})`;
  }
}

/** The end of what it wrote to its standard error so far. */
function textOf(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text = `${text}${part}`.slice(-MAX_COMPLAINT_CHARACTERS);
  });
  return () => text.trim();
}
