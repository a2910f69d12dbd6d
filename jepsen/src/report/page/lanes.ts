import type { Operations } from './operations.js';

/** Rows of operations that do not overlap. */
export interface Lanes {
  /** Places of operations by lane, in the order of their calls. */
  readonly operations: readonly (readonly number[])[];
  /** By process. */
  readonly laneOf: Int32Array;
  /** Processes by lane, in the order of their first calls. */
  readonly processes: readonly (readonly number[])[];
}

interface Life {
  readonly process: number;
  readonly fromUs: number;
  toUs: number;
}

/**
 * Gives each process a lane. A client takes a new name after each call of unknown outcome: names that
 * follow one another share a lane, so that there are no more lanes than processes at one time.
 */
export function packLanes(operations: Operations): Lanes {
  const lives = livesOf(operations);
  const laneEnds: number[] = [];
  const laneOf = new Int32Array(1 + operations.process.reduce((a, b) => Math.max(a, b), 0));
  const processes: number[][] = [];
  for (const { process, fromUs, toUs } of lives) {
    const lane = latestFree(laneEnds, fromUs);
    laneEnds[lane] = toUs;
    laneOf[process] = lane;
    processes[lane] = [...(processes[lane] ?? []), process];
  }
  return sorted(operations, laneOf, processes);
}

/** Lanes in the order of their first processes. */
function sorted(
  operations: Operations,
  laneOf: Int32Array,
  processes: readonly (readonly number[])[],
): Lanes {
  const order = [...processes.keys()].sort(
    (a, b) => (processes[a]?.[0] ?? 0) - (processes[b]?.[0] ?? 0),
  );
  const placeOf = new Int32Array(order.length);
  for (const [place, lane] of order.entries()) placeOf[lane] = place;
  const byLane: number[][] = order.map(() => []);
  for (let at = 0; at < operations.count; at++) {
    byLane[placeOf[laneOf[operations.process[at] ?? 0] ?? 0] ?? 0]?.push(at);
  }
  return {
    operations: byLane,
    laneOf: laneOf.map((lane) => placeOf[lane] ?? 0),
    processes: order.map((lane) => processes[lane] ?? []),
  };
}

/** From the first call to the last return, or the last call where that never returned. */
function livesOf(operations: Operations): readonly Life[] {
  const lives = new Map<number, Life>();
  for (let at = 0; at < operations.count; at++) {
    const process = operations.process[at] ?? 0;
    const fromUs = operations.fromUs[at] ?? 0;
    const toUs = operations.toUs[at] ?? 0;
    const life = lives.get(process);
    if (life === undefined) lives.set(process, { process, fromUs, toUs });
    else life.toUs = Math.max(life.toUs, toUs);
  }
  return [...lives.values()];
}

/** The lane that became free last, as the client that takes a new name goes on at once; else another one. */
function latestFree(laneEnds: readonly number[], fromUs: number): number {
  let best = laneEnds.length;
  let bestEnd = Number.NEGATIVE_INFINITY;
  for (const [lane, end] of laneEnds.entries()) {
    if (end <= fromUs && end > bestEnd) [best, bestEnd] = [lane, end];
  }
  return best;
}
