/** Less is not told apart. Microseconds. */
const LEAST_SPAN_US = 20;

export interface TimeRange {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Where a moment is on the screen, between two margins. */
export interface TimeScale extends TimeRange {
  readonly left: number;
  readonly width: number;
}

export function xOf(scale: TimeScale, atUs: number): number {
  return scale.left + ((atUs - scale.fromUs) / (scale.toUs - scale.fromUs)) * scale.width;
}

export function momentAt(scale: TimeScale, x: number): number {
  return scale.fromUs + ((x - scale.left) / scale.width) * (scale.toUs - scale.fromUs);
}

/** The nearest range within the whole that is neither too short nor too long. */
export function fitted({ fromUs, toUs }: TimeRange, lengthUs: number): TimeRange {
  const whole = Math.max(lengthUs, LEAST_SPAN_US);
  const span = Math.min(Math.max(toUs - fromUs, LEAST_SPAN_US), whole);
  const middle = (fromUs + toUs) / 2;
  const from = Math.min(Math.max(middle - span / 2, 0), whole - span);
  return { fromUs: from, toUs: from + span };
}

/** Shows `factor` times as long a time; the moment stays where it is. */
export function zoomed(range: TimeRange, factor: number, aroundUs: number): TimeRange {
  return {
    fromUs: aroundUs - (aroundUs - range.fromUs) * factor,
    toUs: aroundUs + (range.toUs - aroundUs) * factor,
  };
}

export function panned(range: TimeRange, byUs: number): TimeRange {
  return { fromUs: range.fromUs + byUs, toUs: range.toUs + byUs };
}

/** 1, 2 or 5 times a power of ten, and at least so much. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((step) => step * power >= least) ?? 10) * power;
}

/** Round moments in the range, so many and one at most, from three on one at least: steps grow 2.5 times at once. */
export function ticks({ fromUs, toUs }: TimeRange, most: number): readonly number[] {
  const step = roundStep((toUs - fromUs) / most);
  const first = Math.ceil(fromUs / step);
  const count = Math.max(0, Math.floor(toUs / step) - first + 1);
  return Array.from({ length: count }, (_, at) => (first + at) * step);
}

/** A moment, as exact as the step between it and the next needs it. */
export function momentText(atUs: number, stepUs: number): string {
  const digits = Math.min(6, Math.max(0, Math.ceil(6 - Math.log10(stepUs) - 1e-9)));
  return `${(atUs / 1e6).toFixed(digits)} s`;
}

/** How long something took, in three digits. */
export function durationText(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${Number((us / 1000).toPrecision(3))} ms`;
  if (us < 99_950_000) return `${Number((us / 1e6).toPrecision(3))} s`;
  return `${Math.round(us / 1e6)} s`;
}
