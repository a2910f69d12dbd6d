/**
 * Whether what a connection brings after so many silent intervals was held up on its way, and may be
 * as old as the silence: signs of life come in every interval.
 */
export function isHeldUp(silentIntervals: number, trustedSilentIntervals: number): boolean {
  return silentIntervals >= trustedSilentIntervals;
}
