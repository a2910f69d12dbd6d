import { setMaxListeners } from 'node:events';

/** The last: the terminal has been closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a command does until it is interrupted. */
export async function untilInterrupted<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  // All that is under way at once waits for it.
  setMaxListeners(0, controller.signal);
  const abort = (name: NodeJS.Signals) => controller.abort(new Error(`ended by ${name}`));
  // Of a suite that is not ours, as a rule. Nothing is left behind then either, and it is no verdict.
  const abortUncaught = (error: unknown) => controller.abort(uncaught(error));
  for (const name of SIGNALS) process.on(name, abort);
  process.on('uncaughtException', abortUncaught);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, abort);
    process.off('uncaughtException', abortUncaught);
  }
}

function uncaught(error: unknown): Error {
  const [what, where = ''] =
    error instanceof Error ? (error.stack ?? error.message).split('\n') : [String(error)];
  return new Error(`nobody caught: ${what} ${where.trim()}`, { cause: error });
}
