const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** Milliseconds in the largest unit that fits and the one below it: `850 ms`, `12 s`, `3 min 20 s`, `2 d`. */
export function durationText(ms: number): string {
  const whole = Math.round(ms);
  const at = UNITS.findIndex(([, length]) => whole >= length);
  const [unit, length] = UNITS[at] ?? ['ms', 1];
  const count = Math.floor(whole / length);
  const [smaller, part] = UNITS[at + 1] ?? ['', Number.POSITIVE_INFINITY];
  const more = at < 0 ? 0 : Math.floor((whole % length) / part);
  return `${count} ${unit}${more === 0 ? '' : ` ${more} ${smaller}`}`;
}
