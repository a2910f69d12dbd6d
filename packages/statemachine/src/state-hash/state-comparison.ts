import { type Clock, isNetError, type RpcNetwork, type WireValue, withTimeout } from '@raft-ts/net';
import { type MemberId, RaftError } from 'raft-ts';
import { allMembers } from 'raft-ts/core';
import { type EntryTimes, encodeEntry, encodeItem } from '../entries/entry-codec.js';
import { parseFailure } from '../errors.js';
import { RpcMethod } from '../rpc-methods.js';
import type { ServedMember, ServedReplica } from '../service/served-member.js';
import { type Comparison, compareStates, type StateHashes } from './compare-states.js';
import { decodeHashes } from './hashes-codec.js';
import { entersStretch, type StateHash } from './state-hash.js';
import type { StateHashAt } from './state-hash-rows.js';

/** Between two comparisons while something is to be compared, milliseconds. */
const LOOK_MS = 5_000;
/** How long a member may take to tell its hashes, milliseconds. */
const ANSWER_MS = 2_000;

export interface StateComparisonOptions {
  readonly stateHash: StateHash;
  readonly member: ServedMember;
  readonly network: Pick<RpcNetwork, 'connect'>;
  readonly clock: Clock;
  /** The log's time as it was applied last, milliseconds. */
  readonly logTimeMs: () => number;
  readonly entryTimes: () => EntryTimes;
  /** Told when members differ, and once more when that changes. */
  readonly onDifference: (text: string) => void;
}

/** What a member answered: its hashes, that it knows nothing of such things, or nothing. */
type Told = StateHashes | 'without-hashes' | undefined;

/**
 * Has a leader compare the states of all members, and write into the log what most of them have, so
 * that whoever has another one stops: also the leader itself. Nothing is asked while nothing was applied
 * since all were found equal.
 */
export class StateComparison {
  readonly #options: StateComparisonOptions;
  readonly #ending = new AbortController();
  #cancelLook: (() => void) | undefined;
  #looking = false;
  #difference: string | undefined;
  /** A member that answered had none at the newest checkpoint. */
  #unmet = false;

  constructor(options: StateComparisonOptions) {
    this.#options = options;
  }

  /** How members differ, as this one knows since it leads; undefined where nobody does. */
  get difference(): string | undefined {
    return this.#difference;
  }

  /** Entries were applied, or the lead was won: the states are compared soon. */
  ask(): void {
    const { member, clock } = this.#options;
    if (this.#looking || this.#cancelLook !== undefined || !member.leads) return;
    this.#cancelLook = clock.after(LOOK_MS, () => {
      this.#cancelLook = undefined;
      const replica = member.running;
      if (replica === undefined || !member.leads) return;
      this.#looking = true;
      void this.#look(replica).then((askAgain) => {
        this.#looking = false;
        if (askAgain && !this.#ending.signal.aborted) this.ask();
      });
    });
  }

  /** The lead is lost: another member compares. */
  leadLost(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    this.#difference = undefined;
    this.#unmet = false;
  }

  close(): void {
    this.#ending.abort();
    this.leadLost();
  }

  /** Resolves with whether something is left to be compared. */
  async #look(replica: ServedReplica): Promise<boolean> {
    const { stateHash, member } = this.#options;
    const { id, applied, term, membership } = replica.status();
    const { configuration } = membership;
    const others = allMembers(configuration).filter((each) => each !== id);
    if (others.length === 0) return false;
    const isBehind = stateHash.known && (stateHash.newest?.index ?? 0) < applied;
    // Where the log's time was another one in what a member holds, its stretches were too, until now.
    if (isBehind || this.#unmet) this.#markCheckpoint(replica);
    const own = { id, known: stateHash.known, checkpoints: [...stateHash.checkpoints] };
    const answers = await Promise.all(others.map((each) => this.#askMember(each)));
    const now = replica.status();
    if (!member.leads || now.term !== term) return false;
    const told: readonly Told[] = [own, ...answers];
    const hashes = told.filter((each) => each !== undefined && each !== 'without-hashes');
    const recovering = now.progress.filter((each) => each.recovering).map((each) => each.id);
    const comparison = compareStates({ ...configuration, recovering }, hashes);
    // Whoever can't read such an entry would stop at it.
    const mayDecide = !told.includes('without-hashes');
    if (comparison.kind === 'decided' && mayDecide) this.#propose(replica, comparison.agreed);
    this.#say(comparison);
    const all = hashes.length === told.length;
    if (comparison.kind === 'equal' && all && hashes.some(({ known }) => !known) && mayDecide) {
      this.#propose(replica, []);
    }
    const newest = own.checkpoints.at(-1)?.index;
    const reached = ({ checkpoints }: StateHashes) =>
      newest === undefined || checkpoints.some(({ index }) => index === newest);
    this.#unmet = !hashes.every(reached);
    return isBehind || !all || comparison.kind !== 'equal' || this.#unmet;
  }

  async #askMember(id: MemberId): Promise<Told> {
    const { network, clock, member } = this.#options;
    const address = member.address(id);
    if (address === undefined) return undefined;
    try {
      return await withTimeout(clock, ANSWER_MS, this.#ending.signal, async (signal) => {
        const connection = await network.connect(address, signal);
        try {
          return parseTold(id, await connection.request(RpcMethod.StateHashes, null, signal));
        } finally {
          await connection.close();
        }
      });
    } catch (error) {
      const isUnknown =
        isNetError(error, 'RPC_FAILED') && parseFailure(error.details).code === 'INVALID_REQUEST';
      return isUnknown ? 'without-hashes' : undefined;
    }
  }

  /** Nothing came since the last checkpoint: an entry without items makes one. */
  #markCheckpoint(replica: ServedReplica): void {
    const { entryTimes, logTimeMs } = this.#options;
    const times = entryTimes();
    if (!entersStretch(logTimeMs(), times.logTimeMs)) return;
    propose(replica, encodeEntry(times, []));
  }

  #propose(replica: ServedReplica, agreed: readonly StateHashAt[]): void {
    const item = encodeItem({ kind: 'hashes', agreed });
    propose(replica, encodeEntry(this.#options.entryTimes(), [item]));
  }

  #say(comparison: Comparison): void {
    const text = describe(comparison);
    if (text !== undefined && text !== this.#difference) this.#options.onDifference(text);
    this.#difference = text;
  }
}

/** The other side's answer; undefined where it makes no sense. */
function parseTold(id: MemberId, answer: WireValue): Told {
  const [known, hashes]: readonly WireValue[] = Array.isArray(answer) ? answer : [];
  const checkpoints = decodeHashes(hashes);
  if (typeof known !== 'boolean' || checkpoints === undefined) return undefined;
  return { id, known, checkpoints };
}

/** Where it is not taken in now, the next look comes by. */
function propose(replica: ServedReplica, entry: Uint8Array): void {
  try {
    replica.propose(entry);
  } catch (error) {
    if (!(error instanceof RaftError)) throw error;
  }
}

function describe(comparison: Comparison): string | undefined {
  switch (comparison.kind) {
    case 'equal':
      return undefined;
    case 'decided': {
      const { different, index } = comparison;
      const who = different.join(' and ');
      return (
        `the state of member ${who} at entry ${index} is another one than that of most members: ` +
        'it is told to stop'
      );
    }
    case 'undecided': {
      const { groups, index } = comparison;
      const held = groups.map((ids) => `one on member ${ids.join(', ')}`).join(', another ');
      return (
        `members hold different states at entry ${index} (${held}), and no majority of the voters ` +
        'holds the same: find out which is right, and rebuild the others from it'
      );
    }
  }
}
