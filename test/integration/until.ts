import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 20;

/**
 * Waits until `condition` holds, however long the processes that it depends on take: what makes no
 * progress at all is given up by the watch over all tests.
 */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(POLL_MS);
}
