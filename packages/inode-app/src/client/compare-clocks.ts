import type { MemberId } from 'raft-ts';

/** Wall clocks that differ by more than this, and by more than the readings may err, do. */
export const CLOCK_OFF_MS = 1_000;
/** Once one is off, clocks are held to this until all agree, so that none is off and right in turn. */
export const CLOCK_RIGHT_MS = 500;

/** What a member's wall clock shows, against a clock that is the same for all readings. */
export interface ClockReading {
  readonly id: MemberId;
  /** Milliseconds that it is ahead of that clock. */
  readonly aheadMs: number;
  /** By how much `aheadMs` may be wrong: half the round trip, milliseconds. */
  readonly errorMs: number;
}

/** Which clocks are off. */
export interface ClockComparison {
  /** More than half of the clocks agree: the others are off. Otherwise all are named. */
  readonly majority: boolean;
  /** Milliseconds that a clock is ahead of the majority's, or without one of the nearest other. */
  readonly off: ReadonlyMap<MemberId, number>;
}

/** Reads a clock: what `wallMs` says lies somewhere between asking and being answered. */
export async function readClock(
  id: MemberId,
  wallMs: () => Promise<number>,
  monotonicMs: () => number,
): Promise<ClockReading> {
  const askedMs = monotonicMs();
  const shown = await wallMs();
  const errorMs = (monotonicMs() - askedMs) / 2;
  return { id, aheadMs: shown - askedMs - errorMs, errorMs };
}

/** Tells which of these clocks differ from most of the others by more than `toleratedMs`. */
export function compareClocks(
  readings: readonly ClockReading[],
  toleratedMs = CLOCK_OFF_MS,
): ClockComparison {
  const agree = (one: ClockReading, other: ClockReading) =>
    Math.abs(one.aheadMs - other.aheadMs) <= toleratedMs + one.errorMs + other.errorMs;
  const agreeing = (one: ClockReading) => readings.filter((other) => agree(one, other)).length;
  const [right] = [...readings].sort(
    (one, other) => agreeing(other) - agreeing(one) || one.errorMs - other.errorMs,
  );
  if (right === undefined) return { majority: true, off: new Map() };
  const majority = agreeing(right) * 2 > readings.length;
  const named = majority ? readings.filter((reading) => !agree(reading, right)) : readings;
  const off = named.map((reading) => {
    const reference = majority ? right : nearest(reading, readings);
    return [reading.id, Math.round(reading.aheadMs - reference.aheadMs)] as const;
  });
  return { majority, off: new Map(off) };
}

function nearest(reading: ClockReading, readings: readonly ClockReading[]): ClockReading {
  const distance = (other: ClockReading) => Math.abs(other.aheadMs - reading.aheadMs);
  const others = readings.filter(({ id }) => id !== reading.id);
  return others.sort((one, other) => distance(one) - distance(other))[0] ?? reading;
}

const UNITS = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
] as const;

/** What is said of a clock that is off, behind its owner's name. */
export function clockText(aheadMs: number, majority: boolean): string {
  const ms = Math.abs(aheadMs);
  const [unit, unitMs] = UNITS.find(([, each]) => ms >= 2 * each) ?? ['s', 1_000];
  const difference = `${(ms / unitMs).toFixed(1)} ${unit} ${aheadMs < 0 ? 'behind' : 'ahead of'}`;
  return majority
    ? `is ${difference} most members' clocks`
    : `is ${difference} another's, and no majority tells which is right`;
}
