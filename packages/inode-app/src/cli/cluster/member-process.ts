import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { InodeAppError } from '../../errors.js';
import { parseMasterEvent } from '../../master/master-events.js';
import { heapMebibytes, MALLOC_ARENAS, YOUNG_HEAP_MEBIBYTES } from '../../master/memory-limits.js';

/** How long a member may take to stop before it is killed, milliseconds. */
const STOP_MS = 10_000;

/** The program that runs now, which has a command for masters too. */
const PROGRAM = process.argv[1] ?? 'inode-app';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A master in a process of its own. It is in no process group with this one, so that Ctrl-C comes
 * to it once, from `stop`; and it stops when this process goes, because its standard input ends.
 */
export class MemberProcess {
  readonly id: number;
  /** Resolves when it serves; rejects with what kept it from that. */
  readonly serving: Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  #failure: InodeAppError | undefined;

  constructor(
    id: number,
    masterArguments: readonly string[],
    memoryBytes: number,
    log: (line: string) => void,
  ) {
    this.id = id;
    const node = [
      ...process.execArgv,
      `--max-old-space-size=${heapMebibytes(memoryBytes)}`,
      `--max-semi-space-size=${YOUNG_HEAP_MEBIBYTES}`,
    ];
    const program = [PROGRAM, 'master', ...masterArguments, '--stop-with-stdin'];
    const child = spawn(process.execPath, [...node, ...program], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { MALLOC_ARENA_MAX: `${MALLOC_ARENAS}`, ...process.env },
    });
    this.#child = child;
    child.stdin.on('error', () => {});
    eachLine(child.stderr, log);
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#failure ??= new InodeAppError('MEMBER_FAILED', error.message, { cause: error });
        resolve({ code: null, signal: null });
      });
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    this.serving = new Promise((resolve, reject) => {
      eachLine(child.stdout, (line) => {
        const event = parseMasterEvent(line);
        if (event?.event === 'serving') resolve();
        else if (event !== undefined) {
          this.#failure ??= new InodeAppError(event.code, event.message);
        }
      });
      void this.ended.then((end) => {
        reject(this.#failure ?? new InodeAppError('MEMBER_FAILED', `it ${endText(end)}`));
      });
    });
    this.serving.catch(() => {});
  }

  /** What the member said before it ended, if it said anything. */
  get failure(): InodeAppError | undefined {
    return this.#failure;
  }

  /**
   * Asks it to stop, kills it if it does not, and waits for its end. False when it had to be
   * killed: nothing that was acknowledged is lost by that, but something is wrong with it.
   */
  async stop(): Promise<boolean> {
    let killed = false;
    const timer = setTimeout(() => {
      killed = true;
      this.kill();
    }, STOP_MS);
    this.#child.kill('SIGTERM');
    await this.ended;
    clearTimeout(timer);
    return !killed;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** How a process ended, behind its name. */
export function endText({ code, signal }: ProcessEnd): string {
  if (signal !== null) return `was ended by ${signal}`;
  return code === 0 ? 'stopped' : `ended with exit code ${code ?? 'unknown'}`;
}

function eachLine(stream: Readable, take: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', take);
}
