/** Milliseconds before the first retry, and at most. */
export const FIRST_RETRY_MS = 20;
export const MAX_RETRY_MS = 1_000;

/**
 * Milliseconds to wait before the next try after `failures` in a row (1 or more): doubling, with
 * up to half of it taken off at random so that members do not try in step.
 */
export function retryDelayMs(failures: number, random: () => number): number {
  const delay = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS);
  return delay * (1 - random() / 2);
}
