import { firstPlace, type Operations } from './operations.js';
import { roundStep, type TimeRange } from './time-scale.js';

/** Columns of equal time, at round moments. */
export interface Bins {
  readonly firstUs: number;
  readonly stepUs: number;
  readonly count: number;
}

/** Bins that cover the range, at most about so many. */
export function binsFor({ fromUs, toUs }: TimeRange, most: number): Bins {
  const stepUs = roundStep((toUs - fromUs) / most);
  const first = Math.floor(fromUs / stepUs);
  return { firstUs: first * stepUs, stepUs, count: Math.floor(toUs / stepUs) - first + 1 };
}

/** The bin of a moment; it may be outside of them. */
export function binOf({ firstUs, stepUs }: Bins, atUs: number): number {
  return Math.floor((atUs - firstUs) / stepUs);
}

/** Calls `visit` with each operation that returned within the bins, and with its bin. */
export function eachReturn(
  operations: Operations,
  bins: Bins,
  visit: (at: number, bin: number) => void,
): void {
  const { byReturn, toUs } = operations;
  const first = firstPlace(
    byReturn.length,
    (place) => (toUs[byReturn[place] ?? 0] ?? 0) >= bins.firstUs,
  );
  for (let place = first; place < byReturn.length; place++) {
    const at = byReturn[place] ?? 0;
    const bin = binOf(bins, toUs[at] ?? 0);
    if (bin >= bins.count) return;
    visit(at, Math.max(0, bin));
  }
}

/** How many returned, by outcome (see OUTCOMES) and bin. */
export function returnsByOutcome(operations: Operations, bins: Bins): readonly Uint32Array[] {
  const counts = [0, 1, 2].map(() => new Uint32Array(bins.count));
  eachReturn(operations, bins, (at, bin) => {
    const column = counts[operations.outcome[at] ?? 0];
    if (column !== undefined) column[bin] = (column[bin] ?? 0) + 1;
  });
  return counts;
}

/** The share of those that returned that were answered, 0 to 1, by bin; NaN where nothing returned. */
export function availability(counts: readonly Uint32Array[]): Float64Array {
  const [ok = new Uint32Array(0), ...others] = counts;
  return Float64Array.from(ok, (answered, bin) => {
    const all = others.reduce((sum, column) => sum + (column[bin] ?? 0), answered);
    return all === 0 ? Number.NaN : answered / all;
  });
}

/** Latencies are counted in classes, each so many times as wide as the one before. */
const CLASS_FACTOR = 1.05;
/** Up to CLASS_FACTOR ** CLASSES microseconds: over an hour. */
const CLASSES = 460;

/** Latencies of what was answered, by bin: exact to 5 %. NaN where nothing was. Microseconds. */
export function latencyQuantiles(
  operations: Operations,
  bins: Bins,
  quantiles: readonly number[],
): readonly Float64Array[] {
  const classes = new Uint32Array(bins.count * CLASSES);
  const totals = new Uint32Array(bins.count);
  eachReturn(operations, bins, (at, bin) => {
    if (operations.outcome[at] !== 0) return;
    const place =
      bin * CLASSES + classOf((operations.toUs[at] ?? 0) - (operations.fromUs[at] ?? 0));
    classes[place] = (classes[place] ?? 0) + 1;
    totals[bin] = (totals[bin] ?? 0) + 1;
  });
  return quantiles.map((quantile) =>
    Float64Array.from(totals, (total, bin) =>
      total === 0
        ? Number.NaN
        : quantileOf(classes.subarray(bin * CLASSES, (bin + 1) * CLASSES), total * quantile),
    ),
  );
}

function classOf(us: number): number {
  if (us <= 1) return 0;
  return Math.min(CLASSES - 1, Math.ceil(Math.log(us) / Math.log(CLASS_FACTOR)));
}

function quantileOf(classes: Uint32Array, rank: number): number {
  let seen = 0;
  const found = classes.findIndex((count) => {
    seen += count;
    return seen >= Math.max(1, rank);
  });
  return CLASS_FACTOR ** found;
}

/** Places on a grid, each once: what many points look like. */
export function occupied(
  points: Iterable<readonly [x: number, y: number]>,
  width: number,
  height: number,
): readonly (readonly [x: number, y: number])[] {
  const taken = new Uint8Array(width * height);
  const places: [number, number][] = [];
  for (const [x, y] of points) {
    if (x < 0 || x >= width || y < 0 || y >= height) continue;
    const place = Math.floor(y) * width + Math.floor(x);
    if (taken[place] === 1) continue;
    taken[place] = 1;
    places.push([Math.floor(x), Math.floor(y)]);
  }
  return places;
}
