import { firstPlace, type Operations } from './operations.js';
import { type TimeScale, xOf } from './time-scale.js';

/** How an operation is shown. Where several share a pixel the greatest is seen. */
export const Mark = { Nothing: 0, Dim: 1, Ok: 2, Fail: 3, Unknown: 4, Violating: 5 } as const;

/** An operation narrower than this has no edges of its own. Pixels. */
const LEAST_BAR = 3;

/** What is painted of one lane. */
export interface LaneMarks {
  /** Operations that are wide enough for a bar of their own, from the left. */
  readonly bars: readonly number[];
  /** Where operations are too narrow: from, to (pixels from the scale's left) and mark, from the left. */
  readonly runs: readonly (readonly [from: number, to: number, mark: number])[];
}

/**
 * What can be seen of a lane: no more than its pixels, however many operations it has.
 *
 * @param lane places of operations that do not overlap, in order
 * @param marks by operation
 */
export function laneMarks(
  lane: readonly number[],
  operations: Operations,
  marks: Uint8Array,
  scale: TimeScale,
): LaneMarks {
  const columns = new Uint8Array(Math.max(1, Math.ceil(scale.width)));
  const bars: number[] = [];
  const first = firstVisible(lane, operations, scale);
  for (let place = first; place < lane.length; place++) {
    const at = lane[place] ?? 0;
    if ((operations.fromUs[at] ?? 0) > scale.toUs) break;
    const [from, to] = pixelsOf(at, operations, scale);
    if (to - from >= LEAST_BAR) bars.push(at);
    else raise(columns, from, to, marks[at] ?? Mark.Nothing);
  }
  return { bars, runs: runsOf(columns) };
}

/** The first in the lane that ends within the range or behind it. */
function firstVisible(lane: readonly number[], operations: Operations, scale: TimeScale): number {
  return firstPlace(lane.length, (at) => (operations.toUs[lane[at] ?? 0] ?? 0) >= scale.fromUs);
}

/** Whole pixels from the scale's left, within its width; at least one. */
export function pixelsOf(
  at: number,
  operations: Operations,
  scale: TimeScale,
): readonly [from: number, to: number] {
  const left = xOf(scale, operations.fromUs[at] ?? 0) - scale.left;
  const right = xOf(scale, operations.toUs[at] ?? 0) - scale.left;
  const last = Math.max(1, Math.ceil(scale.width)) - 1;
  const from = Math.min(Math.max(0, Math.floor(left)), last);
  return [from, Math.max(from + 1, Math.min(Math.ceil(right), last + 1))];
}

function raise(columns: Uint8Array, from: number, to: number, mark: number): void {
  for (let x = from; x < to; x++) columns[x] = Math.max(columns[x] ?? 0, mark);
}

function runsOf(columns: Uint8Array): readonly (readonly [number, number, number])[] {
  const runs: [number, number, number][] = [];
  let from = 0;
  for (let x = 1; x <= columns.length; x++) {
    const mark = columns[from] ?? Mark.Nothing;
    if (columns[x] === mark) continue;
    if (mark !== Mark.Nothing) runs.push([from, x, mark]);
    from = x;
  }
  return runs;
}

/** How far a pointer may be from an operation that it means. Pixels. */
const REACH = 4;

/**
 * The operation of a lane that a pointer means: of those within reach the one with the greatest mark,
 * then the nearest.
 *
 * @param x pixels, as the scale's
 */
export function operationAt(
  lane: readonly number[],
  operations: Operations,
  marks: Uint8Array,
  scale: TimeScale,
  x: number,
): number | undefined {
  const reachUs = ((scale.toUs - scale.fromUs) / scale.width) * REACH;
  const atUs = scale.fromUs + ((x - scale.left) / scale.width) * (scale.toUs - scale.fromUs);
  const first = firstPlace(
    lane.length,
    (place) => (operations.toUs[lane[place] ?? 0] ?? 0) >= atUs - reachUs,
  );
  let best: number | undefined;
  for (let place = first; place < lane.length; place++) {
    const at = lane[place] ?? 0;
    if ((operations.fromUs[at] ?? 0) > atUs + reachUs) break;
    if (best === undefined || isBetter(at, best)) best = at;
  }
  return best;

  function isBetter(one: number, other: number): boolean {
    const gain = (marks[one] ?? 0) - (marks[other] ?? 0);
    return gain > 0 || (gain === 0 && distance(one) < distance(other));
  }

  function distance(at: number): number {
    return Math.max(0, (operations.fromUs[at] ?? 0) - atUs, atUs - (operations.toUs[at] ?? 0));
  }
}
