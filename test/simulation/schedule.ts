import type { MemberId } from 'raft-ts';
import type { Blockage } from './network.js';
import type { Random } from './random.js';

/** A member by its id, or whoever leads when the fault strikes. */
export type Target = MemberId | 'leader';

interface Timed {
  readonly atMs: number;
  readonly durationMs: number;
}

/** A fault as data: what strikes when, and for how long. */
export type Fault = Timed &
  (
    | {
        readonly kind: 'partition';
        /** Cut off from all others. */
        readonly side: readonly Target[];
        readonly blockage: Blockage;
        /** Whether half of the clients are cut off with them, and the others from them. */
        readonly clients: boolean;
      }
    | { readonly kind: 'one-way'; readonly from: Target; readonly blockage: Blockage }
    | {
        readonly kind: 'links';
        readonly pairs: readonly (readonly [from: Target, to: Target])[];
        readonly blockage: Blockage;
      }
    | { readonly kind: 'deaf'; readonly to: Target; readonly blockage: Blockage }
    | { readonly kind: 'crash'; readonly members: readonly Target[] }
    /** Crashes those who win an election, `delayMs` after they do, for as long as it lasts. */
    | { readonly kind: 'crash-new-leaders'; readonly delayMs: number; readonly downMs: number }
    | { readonly kind: 'restart'; readonly member: Target }
    | { readonly kind: 'pause'; readonly member: Target }
    | { readonly kind: 'slow-disk'; readonly member: Target; readonly factor: number }
    | { readonly kind: 'slow-link'; readonly member: Target; readonly extraDelayMs: number }
    | { readonly kind: 'loss'; readonly rate: number }
    | { readonly kind: 'reset-connections'; readonly member: Target }
  );

export type FaultKind = Fault['kind'];

const KINDS: readonly FaultKind[] = [
  'partition',
  'one-way',
  'deaf',
  'links',
  'crash',
  'crash-new-leaders',
  'restart',
  'pause',
  'slow-disk',
  'slow-link',
  'loss',
  'reset-connections',
];

/** Draws the faults of one run. Each run knows only some kinds, so that they meet in all mixes. */
export function drawSchedule(
  random: Random,
  members: readonly MemberId[],
  untilMs: number,
): readonly Fault[] {
  const kinds = KINDS.filter(() => random.chance(0.5));
  const known = kinds.length > 0 ? kinds : KINDS;
  const gapMs = random.magnitude(500, 6000);
  const faults: Fault[] = [];
  for (let atMs = random.exponential(gapMs); atMs < untilMs; atMs += random.exponential(gapMs)) {
    const durationMs = Math.min(random.magnitude(25, 12_000), untilMs - atMs);
    faults.push({ atMs, durationMs, ...drawKind(random, random.pick(known), members) });
  }
  return faults;
}

type Untimed<T> = T extends Timed ? Omit<T, keyof Timed> : never;

function drawKind(random: Random, kind: FaultKind, members: readonly MemberId[]): Untimed<Fault> {
  const target = (): Target => (random.chance(0.6) ? 'leader' : random.pick(members));
  const blockage: Blockage = random.chance(0.5) ? 'drop' : 'hold';
  switch (kind) {
    case 'partition': {
      const others = random.shuffled(members).slice(0, random.integer(0, members.length - 2));
      return { kind, side: [target(), ...others], blockage, clients: random.chance(0.4) };
    }
    case 'one-way':
      return { kind, from: target(), blockage };
    case 'deaf':
      return { kind, to: target(), blockage };
    case 'links': {
      const blocked = random.between(0.1, 0.7);
      const pairs = members.flatMap((from) =>
        members.flatMap((to) =>
          from !== to && random.chance(blocked) ? [[from, to] as const] : [],
        ),
      );
      return { kind, pairs, blockage };
    }
    case 'crash': {
      if (random.chance(0.15)) return { kind, members };
      const others = random.shuffled(members).slice(0, random.pick([0, 0, 1, members.length - 2]));
      return { kind, members: [target(), ...others] };
    }
    case 'crash-new-leaders':
      return { kind, delayMs: random.magnitude(0.5, 250), downMs: random.magnitude(25, 4000) };
    case 'restart':
      return { kind, member: target() };
    case 'pause':
      return { kind, member: target() };
    case 'slow-disk':
      return { kind, member: target(), factor: random.magnitude(5, 200) };
    case 'slow-link':
      return { kind, member: target(), extraDelayMs: random.magnitude(25, 4000) };
    case 'loss':
      return { kind, rate: random.magnitude(0.01, 0.5) };
    case 'reset-connections':
      return { kind, member: target() };
  }
}

/** A fault in one line, for people. */
export function describeFault(fault: Fault): string {
  const { kind, atMs: _, durationMs, ...rest } = fault;
  return `${kind} for ${durationMs.toFixed(1)} ms ${JSON.stringify(rest)}`;
}
