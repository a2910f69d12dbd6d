import type { RpcHandler, RpcResponder } from '@raft-ts/net';
import { type Applier, type Entry, EntryType, isRaftError, RaftError, type Replica } from 'raft-ts';
import type { AppendResult, ReadResult } from '../client/history.js';
import type { Coverage } from '../coverage.js';
import type { EffectWatcher } from './list-machine.js';
import type { ListStore } from './list-store.js';

export const ListMethod = { Append: 1, Read: 2, LeaseRead: 3 } as const;

/** The code of an append that was replaced in the log by another leader: it has no effect. */
export const APPEND_LOST = 'APPEND_LOST';
/** The code of an append whose fate this member will not see: a snapshot took its place. */
const APPEND_UNKNOWN = 'APPEND_UNKNOWN';

interface PendingAppend {
  readonly term: number;
  readonly responder: RpcResponder;
}

/** Serves a replicated list straight from a replica: one proposal a request, no retries. */
export class ListService implements Applier {
  readonly appliedIndex: number;
  readonly appliedTerm: number | undefined;
  readonly #store: ListStore;
  readonly #coverage: Coverage;
  readonly #nowMs: () => number;
  readonly #onEffect: EffectWatcher;
  readonly #pending = new Map<number, PendingAppend[]>();
  replica: Replica | undefined;

  constructor(store: ListStore, coverage: Coverage, nowMs: () => number, onEffect: EffectWatcher) {
    this.appliedIndex = store.appliedIndex;
    this.appliedTerm = store.appliedTerm;
    this.#store = store;
    this.#coverage = coverage;
    this.#nowMs = nowMs;
    this.#onEffect = onEffect;
  }

  appended(): void {}

  apply(entries: readonly Entry[]): undefined {
    for (const entry of entries) {
      if (entry.type === EntryType.Command) {
        const value = textOf(entry);
        this.#store.append(value);
        this.#onEffect(entry.index, value, undefined);
      }
      this.#store.commit(entry.index, [], entry.term);
      this.#answer(entry);
    }
  }

  #answer(entry: Entry): void {
    const pending = this.#pending.get(entry.index);
    if (pending === undefined) return;
    this.#pending.delete(entry.index);
    const result: AppendResult = { length: this.#store.values.length };
    for (const { term, responder } of pending) {
      if (term === entry.term) responder.done(result);
      else responder.failed({ code: APPEND_LOST, message: 'another leader took its place' });
    }
  }

  readonly handle: RpcHandler = (method, body, responder) => {
    try {
      if (method === ListMethod.Append) this.#append(String(body), responder);
      else void this.#read(method === ListMethod.LeaseRead, responder);
    } catch (error) {
      refuse(responder, error);
    }
  };

  #append(value: string, responder: RpcResponder): void {
    const { index, term } = this.#running().propose(Buffer.from(value, 'latin1'));
    const pending = this.#pending.get(index);
    if (pending === undefined) this.#pending.set(index, [{ term, responder }]);
    else pending.push({ term, responder });
  }

  async #read(lease: boolean, responder: RpcResponder): Promise<void> {
    try {
      const replica = this.#running();
      const { role, membership } = replica.status();
      const askedMs = this.#nowMs();
      await (lease ? replica.leaseRead() : replica.readIndex());
      const result: ReadResult = { length: this.#store.values.length, hash: this.#store.hash };
      responder.done(result);
      const leads = role === 'leader';
      this.#coverage.count(leads ? 'read served by the leader' : 'read served by a follower');
      // Nobody else can have been asked in no time.
      const alone = membership.configuration.voters.length === 1;
      if (leads && !alone && this.#nowMs() === askedMs) {
        this.#coverage.count('read served on a lease');
      }
    } catch (error) {
      refuse(responder, error);
    }
  }

  /** Another state is about to take the place of this one. */
  close(): void {
    for (const pending of this.#pending.values()) {
      for (const { responder } of pending) {
        responder.failed({ code: APPEND_UNKNOWN, message: 'a snapshot took its place' });
      }
    }
    this.#pending.clear();
  }

  #running(): Replica {
    if (this.replica === undefined) throw new RaftError('REPLICA_STOPPED', 'not started yet');
    return this.replica;
  }
}

function refuse(responder: RpcResponder, error: unknown): void {
  if (error instanceof RaftError) {
    const { code, message } = error;
    const leader = isRaftError(error, 'NOT_LEADER') ? error.details.leader : 0;
    responder.failed({ code, message, details: { leader } });
  } else {
    responder.failed({ code: 'FAILED', message: String(error) });
  }
}

function textOf(entry: Entry): string {
  return Buffer.from(entry.data).toString('latin1');
}
