import { once, setMaxListeners } from 'node:events';
import { ignoresHangup } from './hangup.js';

/** A repeated signal this soon after the first is the same key press, told twice: by the terminal
 * to everyone, and by npm to us. Milliseconds. */
const SAME_PRESS_MS = 1000;

/** What stops a server. */
export const STOP_SIGNALS: readonly NodeJS.Signals[] = ignoresHangup
  ? ['SIGINT', 'SIGTERM']
  : ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** As if SIGTERM came when standard input ends: whoever started this process has gone then. */
export function terminateWithStandardInput(): void {
  const terminate = () => process.kill(process.pid, 'SIGTERM');
  process.stdin.once('close', terminate).once('error', terminate).resume();
  // A file has no `unref`, and ends by itself.
  process.stdin.unref?.();
}

export interface FirstSignal extends Disposable {
  /** Aborts with the first signal. */
  readonly signal: AbortSignal;
  /** Resolves with the first signal. */
  readonly received: Promise<unknown>;
}

/**
 * Turns the first of some signals into an abort. `again` is called when somebody has lost patience
 * and sends one more. Until it is disposed of, none of them ends the process.
 */
export function firstSignal(
  names: readonly NodeJS.Signals[],
  again: () => void = () => {},
): FirstSignal {
  const controller = new AbortController();
  // Every request that is under way listens; there are many, and their number is bounded.
  setMaxListeners(0, controller.signal);
  let firstAt: number | undefined;
  const received = once(controller.signal, 'abort');
  const listener = (name: NodeJS.Signals) => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      controller.abort(new Error(`ended by ${name}`));
    } else if (performance.now() - firstAt > SAME_PRESS_MS) again();
  };
  for (const name of names) process.on(name, listener);
  return {
    signal: controller.signal,
    received,
    [Symbol.dispose]() {
      for (const name of names) process.off(name, listener);
    },
  };
}
