import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LOOK_MS, Patience } from '../patience/patience.js';

/** How a program ended. */
export interface Ending {
  /** Undefined when it was ended because it made no progress. */
  readonly exitCode: number | undefined;
  /** All that it printed. */
  readonly output: string;
}

export interface ProgramOptions {
  readonly directory: string;
  /** Ends the program; `run` then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Without a line of output for so long, on an idle machine, it hangs, and is ended. */
  readonly maxSilenceMs: number;
  readonly onLine?: (line: string) => void;
}

/** Runs a program of Node's until it ends, with all that it starts. */
export async function runProgram(
  args: readonly string[],
  { directory, signal, maxSilenceMs, onLine }: ProgramOptions,
): Promise<Ending> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env: { ...process.env, CI: '1', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that workers caught in an endless loop are ended with it.
    detached: true,
  });
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  let silent = false;
  const patience = new Patience(maxSilenceMs, performance.now());
  const looks = setInterval(() => {
    if (!patience.isOver(performance.now())) return;
    silent = true;
    kill();
  }, LOOK_MS);
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      patience.renew();
      lines.push(line);
      onLine?.(line);
    });
  }
  signal.addEventListener('abort', kill);
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    signal.throwIfAborted();
    return { exitCode: silent ? undefined : exitCode, output: lines.join('\n') };
  } finally {
    clearInterval(looks);
    signal.removeEventListener('abort', kill);
  }
}
