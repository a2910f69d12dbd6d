import type { MemberId } from 'raft-ts';
import type { Cluster } from '../cluster.js';
import type { Coverage } from '../coverage.js';
import type { Operator } from '../operator.js';
import type { SimulationOptions } from '../options.js';
import type { Random } from '../random.js';
import type { SimulatedMounts } from '../simulated-mounts.js';
import type { VirtualTime } from '../time.js';
import type { Blockage, NodeId } from '../wire/link.js';
import type { VirtualNetwork } from '../wire/network.js';

/** A member by its id, or whoever leads when the fault strikes. */
export type Target = MemberId | 'leader';

/** What faults strike at. */
export interface FaultWorld {
  readonly cluster: Cluster;
  readonly network: VirtualNetwork;
  readonly time: VirtualTime;
  readonly coverage: Coverage;
  readonly options: SimulationOptions;
  /** For what depends on how the run goes. */
  readonly random: Random;
  /** Who changes the membership through the service; undefined where that has none. */
  readonly operator: Operator | undefined;
  /** Undefined where nothing is mounted. */
  readonly mounts: SimulatedMounts | undefined;
  /** The clients' machines. */
  readonly clients: readonly NodeId[];
  /** Whether all faults have ended for good: none may strike any more. */
  readonly healed: boolean;
  /** A leader is asked to hand over; the returned function is called when it has answered. */
  transferAsked(leader: MemberId): () => void;
  /** A backup was taken, when so much was committed as it was asked for. */
  backedUp(bytes: Buffer, askedIndex: number): void;
  /** Who is meant, now. */
  member(target: Target): MemberId;
}

/** Takes back what a fault has done. */
export type Undo = () => void;

const NOTHING_TO_UNDO: Undo = () => {};

/** What a fault will do, all drawn beforehand. */
export interface Strike {
  /** For people: what it was drawn to do. */
  readonly details: object;
  strike(world: FaultWorld): Undo;
}

/** What faults are drawn from. */
export class FaultDraw {
  readonly random: Random;
  /** Ids of all members there may ever be. */
  readonly members: readonly MemberId[];

  constructor(random: Random, members: readonly MemberId[]) {
    this.random = random;
    this.members = members;
  }

  /** More often than not the leader: with it most goes wrong. */
  target(): Target {
    return this.random.chance(0.6) ? 'leader' : this.random.pick(this.members);
  }

  targets(count: number): readonly Target[] {
    return this.random.shuffled(this.members).slice(0, count);
  }

  blockage(): Blockage {
    return this.random.chance(0.5) ? 'drop' : 'hold';
  }
}

/** One kind of fault. */
export interface FaultKind {
  readonly name: string;
  draw(draw: FaultDraw): Strike;
}

/** A kind whose faults are data of type `Details`, known when they are drawn. */
export function faultKind<Details extends object>(
  name: string,
  draw: (draw: FaultDraw) => Details,
  strike: (details: Details, world: FaultWorld) => Undo | undefined,
): FaultKind {
  return {
    name,
    draw(from) {
      const details = draw(from);
      return { details, strike: (world) => strike(details, world) ?? NOTHING_TO_UNDO };
    },
  };
}

/** A fault of a run: what strikes when, and for how long. */
export interface Fault extends Strike {
  /** Its place in the schedule of its seed, from 1; it keeps it when others are left out. */
  readonly number: number;
  readonly kind: string;
  readonly atMs: number;
  readonly durationMs: number;
}

/** A fault in one line, for people. */
export function describeFault({ number, kind, atMs, durationMs, details }: Fault): string {
  const seconds = (atMs / 1000).toFixed(3);
  return `${number}: ${kind} at ${seconds} s for ${durationMs.toFixed(0)} ms ${JSON.stringify(details)}`;
}
