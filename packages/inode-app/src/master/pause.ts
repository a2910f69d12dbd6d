import { setTimeout as timeout } from 'node:timers/promises';

/** Resolves after so many milliseconds, or at once when the signal is aborted. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  await timeout(delayMs, undefined, { signal, ref: false }).catch(() => {});
}
