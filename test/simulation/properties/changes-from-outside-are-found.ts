import type { NamedProperty } from '../property.js';

/** Of what an interval and a clock are off, at most. */
const CLOCK_SHARE = 1.15;
const CLOCK_MS = 100;

/**
 * What somebody changes behind the tree's back is found within the interval that the mount or the call names, at once
 * with 0: whatever is answered was so at some moment since.
 */
export const changesFromOutsideAreFound: NamedProperty = {
  name: 'changes-from-outside-are-found',
  create(world, violate) {
    return {
      outsideSeen({ client, path, word, syncIntervalMs, fromMs }) {
        const sinceMs = knownSince(syncIntervalMs, fromMs);
        const words = world.storage?.wordsSince(path, sinceMs) ?? [];
        if (words.includes(word)) return;
        violate(
          `client ${client}, who asked at ${fromMs.toFixed(0)} ms for what is known for ${syncIntervalMs} ms, was told ` +
            `of ${word} at ${path}, where since then was ${words.join(', ')}`,
        );
      },
    };
  },
};

/** From when on what was so may still be answered. */
function knownSince(intervalMs: number, nowMs: number): number {
  if (intervalMs < 0) return 0;
  return intervalMs === 0 ? nowMs : nowMs - intervalMs * CLOCK_SHARE - CLOCK_MS;
}
