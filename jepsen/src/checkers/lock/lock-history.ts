import type { History } from '../../histories/history.js';
import type { Operation } from '../../histories/operation.js';
import type { LockInput, LockOutput } from './lock-calls.js';

/** A grant that was answered. Moments are the indexes of events. */
export interface Grant {
  readonly call: number;
  readonly returnedAt: number;
  /** The token. */
  readonly value: number;
  /** It is certain that the lock was held from the answer to here; Infinity: to the end. */
  readonly heldUntil: number;
  readonly hasLease: boolean;
}

export interface Release {
  readonly call: number;
  /** Infinity: its outcome is unknown. */
  readonly returnedAt: number;
  readonly token: number;
  readonly wasHeld: boolean | undefined;
}

/** A write that was accepted. */
export interface AcceptedWrite {
  readonly call: number;
  readonly returnedAt: number;
  /** The token. */
  readonly value: number;
}

/** The calls of one lock. */
export class LockHistory {
  readonly name: string;
  /** In the order of their answers. */
  readonly grants: readonly Grant[];
  /** By token: releases that may have taken effect, in the order of their calls. */
  readonly releases: ReadonlyMap<number, readonly Release[]>;
  readonly writes: readonly AcceptedWrite[];
  readonly refusedWrites: number;

  constructor(
    name: string,
    operations: readonly Operation<LockInput, LockOutput>[],
    { events }: History,
  ) {
    this.name = name;
    const releases = new Map<number, Release[]>();
    const writes: AcceptedWrite[] = [];
    let refusedWrites = 0;
    for (const operation of operations) {
      if (operation.outcome === 'failed') continue;
      const { input, invokedAt: call } = operation;
      const isDone = operation.outcome === 'done';
      const returnedAt = isDone ? operation.returnedAt : Number.POSITIVE_INFINITY;
      if (input.kind === 'release') {
        const wasHeld = isDone ? operation.output === true : undefined;
        const release = { call, returnedAt, token: input.token, wasHeld };
        const others = releases.get(input.token);
        if (others === undefined) releases.set(input.token, [release]);
        else others.push(release);
      } else if (input.kind === 'write' && isDone) {
        if (operation.output === true) writes.push({ call, returnedAt, value: input.token });
        else refusedWrites += 1;
      }
    }
    this.releases = releases;
    this.writes = writes;
    this.refusedWrites = refusedWrites;
    this.grants = operations
      .flatMap((operation) => this.#grantOf(operation, events))
      .sort((a, b) => a.returnedAt - b.returnedAt);
  }

  #grantOf(
    operation: Operation<LockInput, LockOutput>,
    events: History['events'],
  ): readonly Grant[] {
    const { input, invokedAt: call } = operation;
    if (input.kind !== 'acquire' || operation.outcome !== 'done') return [];
    const { output: value, returnedAt } = operation;
    if (typeof value !== 'number') return [];
    const released = this.releases.get(value)?.[0]?.call ?? Number.POSITIVE_INFINITY;
    const { leaseMs } = input;
    const leaseEnd =
      leaseMs === undefined
        ? Number.POSITIVE_INFINITY
        : firstEventAt(events, (events[call]?.atMs ?? 0) + leaseMs);
    const heldUntil = Math.min(released, leaseEnd);
    return [{ call, returnedAt, value, heldUntil, hasLease: leaseMs !== undefined }];
  }
}

/** The index of the first event at or after a time. */
function firstEventAt(events: History['events'], atMs: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.atMs ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
