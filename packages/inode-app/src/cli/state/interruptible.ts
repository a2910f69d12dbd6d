import { ExitCode } from '../exit-code.js';
import { firstSignal } from '../signals.js';
import { Terminal } from '../terminal.js';

const SHOW_MS = 250;

/** What a command that can take long is told, and shows. */
export interface LongWork {
  /** Aborts with Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Shows a line on a terminal, until the next one; nowhere else. */
  readonly show: (text: () => string) => void;
}

/** Runs what can take long: interrupted, it ends when `work` has cleaned up. */
export async function interruptible(
  json: boolean | undefined,
  work: (long: LongWork) => Promise<ExitCode>,
): Promise<ExitCode> {
  using interrupt = firstSignal(['SIGINT', 'SIGTERM']);
  const { signal } = interrupt;
  const terminal = new Terminal(process.stderr);
  let text = () => '';
  const show = () => terminal.status(text());
  const timer = json === true ? undefined : setInterval(show, SHOW_MS);
  try {
    return await work({
      signal,
      show: (next) => {
        text = next;
      },
    });
  } catch (error) {
    if (signal.aborted) return ExitCode.Interrupted;
    throw error;
  } finally {
    clearInterval(timer);
    terminal.status('');
  }
}
