import { setTimeout } from 'node:timers/promises';

/** Resolves after so long, and at once where the signal is aborted. */
export async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}
