import { setMaxListeners } from 'node:events';

/** What a command does until it is interrupted. */
export async function untilInterrupted<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  // All that is under way at once waits for it.
  setMaxListeners(0, controller.signal);
  const abort = (name: NodeJS.Signals) => controller.abort(new Error(`ended by ${name}`));
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.on(name, abort);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of names) process.off(name, abort);
  }
}
