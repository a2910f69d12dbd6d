import { setTimeout as timer } from 'node:timers/promises';

/** Resolves after so many milliseconds, or once the signal is aborted: whoever waits looks at it then. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await timer(Math.max(0, ms), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
