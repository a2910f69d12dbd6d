import type {
  Accepted,
  Effect,
  ReadEntriesEffect,
  ReadReadyEffect,
  Rejected,
  WriteEffect,
} from './effects.js';
import {
  handleVoteRequest,
  handleVoteResponse,
  hasRecentLeader,
  ownVoteDurable,
  startElection,
} from './election.js';
import type { Entry, HardState, MemberId } from './entry.js';
import { handleAppend, handleHeartbeat } from './follower.js';
import { beginReadRound, handleHeartbeatResponse, tickLeader } from './heartbeat.js';
import { invariant } from './invariant.js';
import type { LogState } from './log-state.js';
import type { Message, VoteRequest } from './message.js';
import { defaultRaftOptions, optionProblems, type RaftOptions } from './options.js';
import { requestRead } from './reads.js';
import {
  advanceCommit,
  entriesReadFor,
  handleAppendResponse,
  propose,
  replicate,
} from './replication.js';
import { becomeFollower } from './roles.js';
import { RaftState, type Role } from './state.js';

/** What a member starts from. */
export interface RaftStart {
  readonly id: MemberId;
  readonly voters: readonly MemberId[];
  readonly log: LogState;
  /** What the state machine holds already; its entries are not handed out again. */
  readonly applied: number;
  readonly options?: Partial<RaftOptions>;
  /** Uniform in [0, 1); draws the election timeouts. */
  readonly random: () => number;
}

/** What a leader knows about another member. */
export interface ProgressStatus {
  readonly id: MemberId;
  readonly match: number;
  readonly next: number;
  readonly state: 'probe' | 'replicate';
  readonly active: boolean;
}

/** A copy of what a member knows, for operators and tests. */
export interface RaftStatus {
  readonly id: MemberId;
  readonly role: Role;
  readonly term: number;
  readonly votedFor: MemberId;
  readonly leader: MemberId;
  readonly voters: readonly MemberId[];
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly durable: number;
  readonly commit: number;
  readonly applied: number;
  readonly progress: readonly ProgressStatus[];
}

/**
 * One member of a Raft group, as a pure state machine: inputs change it, `takeEffects` hands out
 * all that the outside must do. No I/O, no clock, no promise; randomness comes from the caller,
 * so a run is a function of its inputs. A broken invariant throws InvariantBroken from any call;
 * the member must then be stopped.
 */
export class Raft {
  readonly #state: RaftState;

  /** Throws a TypeError that names every broken rule when the options contradict each other. */
  constructor(start: RaftStart) {
    const options = { ...defaultRaftOptions, ...start.options };
    const problems = optionProblems(options, start.id, start.voters);
    if (problems.length > 0) throw new TypeError(problems.join('; '));
    this.#state = new RaftState(
      start.id,
      start.voters,
      options,
      start.random,
      start.log,
      start.applied,
    );
    becomeFollower(this.#state, this.#state.term, 0);
  }

  get role(): Role {
    return this.#state.role;
  }

  get term(): number {
    return this.#state.term;
  }

  /** 0 when unknown. */
  get leader(): MemberId {
    return this.#state.leader;
  }

  /** The last index the state machine has applied. */
  get appliedIndex(): number {
    return this.#state.log.applied;
  }

  /** Bytes of this leader's proposals that are not committed yet. */
  get uncommittedBytes(): number {
    return this.#state.uncommittedBytes;
  }

  /** Entries in the log that are not committed yet. */
  get uncommittedEntries(): number {
    return this.#state.log.lastIndex - this.#state.log.commit;
  }

  /** A tick of the clock has passed. */
  tick(): void {
    const state = this.#state;
    if (state.role === 'leader') {
      tickLeader(state);
      return;
    }
    state.electionElapsed++;
    if (state.electionElapsed >= state.electionTimeout) startElection(state);
  }

  /** Campaigns now, without waiting for the election timeout. */
  campaign(): void {
    if (this.#state.role !== 'leader') startElection(this.#state);
  }

  /** A message from another member has arrived. Strangers' messages are ignored. */
  step(message: Message): void {
    const state = this.#state;
    if (message.to !== state.id || !state.voters.includes(message.from)) return;
    if (message.term > state.term) {
      if (message.type === 'vote' && hasRecentLeader(state)) return;
      if (entersTerm(message)) {
        const leads = message.type === 'append' || message.type === 'heartbeat';
        becomeFollower(state, message.term, leads ? message.from : 0);
      }
    } else if (message.term < state.term) {
      this.#answerOutdated(message);
      return;
    }
    this.#handle(message);
  }

  #handle(message: Message): void {
    const state = this.#state;
    const leading = state.role === 'leader';
    switch (message.type) {
      case 'vote':
        handleVoteRequest(state, message);
        break;
      case 'vote-response':
        handleVoteResponse(state, message);
        break;
      case 'append':
        invariant(!leading, `member ${message.from} leads term ${state.term} too (append)`);
        handleAppend(state, message);
        break;
      case 'heartbeat':
        invariant(!leading, `member ${message.from} leads term ${state.term} too (heartbeat)`);
        handleHeartbeat(state, message);
        break;
      case 'append-response':
        if (leading) handleAppendResponse(state, message);
        break;
      case 'heartbeat-response':
        if (leading) handleHeartbeatResponse(state, message);
        break;
    }
  }

  /** The sender is behind; where it would otherwise stay behind, it is told the term. */
  #answerOutdated(message: Message): void {
    const state = this.#state;
    const { checkQuorum, preVote } = state.options;
    const answer = { from: state.id, to: message.from, term: state.term } as const;
    if ((message.type === 'append' || message.type === 'heartbeat') && (checkQuorum || preVote)) {
      // A leader whose followers moved on without it (it was cut off) has to learn of their term.
      state.sendOnceDurable({
        ...answer,
        type: 'append-response',
        index: 0,
        rejected: true,
        hintIndex: 0,
        hintTerm: 0,
      });
    } else if (isPreVote(message)) {
      state.sendOnceDurable({ ...answer, type: 'vote-response', preVote: true, granted: false });
    }
  }

  /** Appends payloads to the log, all or none, when this member leads. */
  propose(payloads: readonly Uint8Array[]): Accepted | Rejected {
    return propose(this.#state, payloads);
  }

  /** Asks for a linearizable read; `context` comes back in a read-ready or read-failed effect. */
  readIndex(context: number): Pick<Accepted, 'accepted'> | Rejected {
    return requestRead(this.#state, context);
  }

  /** The write effect `sequence`, and every one before it, is durable. */
  written(sequence: number): void {
    this.#state.log.writeFinished(sequence);
    ownVoteDurable(this.#state, sequence);
    advanceCommit(this.#state);
  }

  /** The state machine has applied everything up to `index`. */
  applied(index: number): void {
    this.#state.log.applyFinished(index);
  }

  /** What a read-entries effect asked for. */
  entriesRead(reader: MemberId, entries: readonly Entry[]): void {
    if (reader === 0) {
      this.#state.applyReadPending = false;
      this.#state.entriesToApply = entries;
    } else {
      entriesReadFor(this.#state, reader, entries);
    }
  }

  /** Hands out, in order, everything there is to do, once. */
  takeEffects(): Effect[] {
    const state = this.#state;
    const effects: Effect[] = [];
    beginReadRound(state);
    replicate(state);
    if (state.toSend.length > 0) {
      effects.push({ type: 'send', messages: state.toSend });
      state.toSend = [];
    }
    this.#takeWrite(effects);
    this.#takeApply(effects);
    for (const read of state.entryReads) effects.push({ type: 'read-entries', ...read });
    state.entryReads = [];
    this.#takeReads(effects);
    state.log.trimWindow(state.options.logWindowBytes);
    return effects;
  }

  #takeWrite(effects: Effect[]): void {
    const state = this.#state;
    const messages = state.toSendOnceDurable;
    const entries = state.log.unwritten();
    const hardState = this.#changedHardState();
    const nothingToWrite = entries.length === 0 && hardState === undefined;
    if (nothingToWrite && messages.length === 0) return;
    state.toSendOnceDurable = [];
    if (nothingToWrite && state.log.writesInFlight === 0) {
      effects.push({ type: 'send', messages });
      return;
    }
    const sequence = ++state.writeSequence;
    if (hardState !== undefined) state.handedOut = hardState;
    state.log.writeStarted(sequence);
    effects.push({ type: 'write', sequence, hardState, entries, messages } satisfies WriteEffect);
  }

  /** Undefined when neither term nor vote changed: a newer commit alone is not worth a write. */
  #changedHardState(): HardState | undefined {
    const { term, votedFor, handedOut, log } = this.#state;
    if (term === handedOut.term && votedFor === handedOut.votedFor) return undefined;
    return { term, votedFor, commit: log.commit };
  }

  #takeApply(effects: Effect[]): void {
    const state = this.#state;
    const { maxApplyBytes } = state.options;
    if (state.applyReadPending) return;
    if (state.entriesToApply !== undefined) {
      this.#pushApply(effects, state.entriesToApply);
      state.entriesToApply = undefined;
      return;
    }
    const next = state.log.nextToApply(maxApplyBytes);
    if (next === undefined) return;
    if ('entries' in next) {
      this.#pushApply(effects, next.entries);
      return;
    }
    const [first, last] = next.fromDisk;
    state.applyReadPending = true;
    effects.push({
      type: 'read-entries',
      reader: 0,
      first,
      last,
      maxBytes: maxApplyBytes,
    } satisfies ReadEntriesEffect);
  }

  #pushApply(effects: Effect[], entries: readonly Entry[]): void {
    const last = entries.at(-1);
    invariant(last !== undefined, 'there must be entries to apply');
    this.#state.log.applyStarted(last.index);
    effects.push({ type: 'apply', entries });
  }

  #takeReads(effects: Effect[]): void {
    const state = this.#state;
    for (const reads of state.readyReads) {
      effects.push({ type: 'read-ready', ...reads } satisfies ReadReadyEffect);
    }
    state.readyReads = [];
    if (state.failedReads.length > 0) {
      effects.push({ type: 'read-failed', contexts: state.failedReads });
      state.failedReads = [];
    }
  }

  status(): RaftStatus {
    const { id, role, term, votedFor, leader, voters, log, progress } = this.#state;
    return {
      id,
      role,
      term,
      votedFor,
      leader,
      voters,
      firstIndex: log.firstIndex,
      lastIndex: log.lastIndex,
      durable: log.durable,
      commit: log.commit,
      applied: log.applied,
      progress: [...progress.values()].map((p) => ({
        id: p.id,
        match: p.match,
        next: p.next,
        state: p.state,
        active: p.active,
      })),
    };
  }
}

function isPreVote(message: Message): message is VoteRequest {
  return message.type === 'vote' && message.preVote;
}

/** Pre-votes ask about a term without entering it, and so do their granted answers. */
function entersTerm(message: Message): boolean {
  if (message.type === 'vote') return !message.preVote;
  if (message.type === 'vote-response') return !(message.preVote && message.granted);
  return true;
}
