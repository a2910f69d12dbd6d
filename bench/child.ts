import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The `inode-app` command, to be run with Node. */
export const COMMAND = fileURLToPath(
  new URL('bin/inode-app.js', import.meta.resolve('inode-app/package.json')),
);

/** An `inode-app` that serves until it is stopped, and no longer than this process lives. */
export class Child {
  readonly #process: ChildProcess;
  /** Resolves once it has printed a line that says that it serves; rejects if it ends before. */
  readonly serving: Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;

  /** @param log what becomes of what it says on standard error; a function gets it by lines */
  constructor(
    args: readonly string[],
    says: RegExp,
    log: 'inherit' | 'ignore' | ((line: string) => void),
  ) {
    const child = spawn(process.execPath, [COMMAND, ...args, '--stop-with-stdin'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process = child;
    if (typeof log === 'function') createInterface({ input: child.stderr }).on('line', log);
    else if (log === 'inherit') child.stderr.pipe(process.stderr);
    else child.stderr.resume();
    this.ended = new Promise((resolve) => child.once('close', () => resolve()));
    this.serving = new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (says.test(line)) resolve();
      });
      void this.ended.then(() => reject(new Error(`it ended: inode-app ${args.join(' ')}`)));
    });
    this.serving.catch(() => {});
  }

  /** It gets what others leave of the processors. */
  giveWay(): void {
    setPriority(this.#process.pid ?? 0, constants.priority.PRIORITY_LOW);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Sends a signal and waits for its end. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    await this.ended;
  }
}
