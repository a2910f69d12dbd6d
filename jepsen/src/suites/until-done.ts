import { setTimeout as pause } from 'node:timers/promises';

const AGAIN_MS = 500;

/** Tries again and again until it is done. Rejects with the last failure once the time is over. */
export async function untilDone(attempt: () => Promise<unknown>, withinMs: number): Promise<void> {
  for (const endMs = performance.now() + withinMs; ; ) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() >= endMs) throw error;
      await pause(AGAIN_MS);
    }
  }
}
