import { invariant } from '../invariant.js';
import type { MemberId } from '../log/entry.js';
import type { RaftOptions } from '../options.js';

/** An append message on its way. */
interface Inflight {
  readonly lastIndex: number;
  readonly bytes: number;
}

/** How much may be on its way to one member. */
export type InflightLimits = Pick<RaftOptions, 'maxInflightAppends' | 'maxInflightBytes'>;

/*
 * probe -> replicate             what was probed is acknowledged
 * replicate -> probe             an append is refused, or the member can't be reached
 * probe, replicate -> snapshot   the next entry is compacted away, and the member answers
 * snapshot -> replicate          it acknowledges something from the log's base on
 * snapshot -> probe              the state can't be had
 * any -> probe                   it has lost what it held
 */

/**
 * probe: where the logs agree is unknown; one append at a time, the next after an answer or a
 * heartbeat. replicate: they agree up to `next - 1` as far as we know; appends are pipelined within
 * a window. snapshot: it lacks entries that are compacted away and was offered a state instead.
 */
export type ProgressState = 'probe' | 'replicate' | 'snapshot';

/** What a leader knows about one other member. Invariant: 0 <= match < next. */
export class Progress {
  readonly id: MemberId;
  readonly #limits: InflightLimits;
  #state: ProgressState = 'probe';
  #match = 0;
  #next: number;
  /** No append until it answers something: a probe is on its way, or the window is full. */
  #paused = false;
  #inflight: Inflight[] = [];
  #inflightBytes = 0;
  /** snapshot: the index of the state it was offered. */
  #pendingSnapshot = 0;
  /** Highest commit index that it knows or that is on its way to it; it may hold less. */
  #sentCommit = 0;
  /** Gets entries and counts for nothing. */
  learner = false;
  /** Heard from since the last check of the quorum. */
  active = false;
  /** The same, as of that check. */
  #wasActive = false;
  /** Checks of the quorum, up to two, since this leader tracks it. */
  #checks = 0;
  /** A heartbeat went out since it was last probed for lost appends. */
  probeDue = false;
  /** Entries for it are being read from disk. */
  reading = false;
  /** The newest heartbeat round it has answered. */
  confirmedRound = 0;
  /** The leader's tick at which it was last offered a state. */
  offeredAtTick = 0;
  /** As it last said: of who was not heard from, that of who should not lead. */
  priority = 0;
  /** What it asks to be brought up to date under; 0 when it takes part. See recovery.ts. */
  recovery = 0;
  /** It takes part again once it holds this entry, and the others have committed it. */
  recoveryIndex = 0;

  constructor(id: MemberId, next: number, limits: InflightLimits) {
    this.id = id;
    this.#next = next;
    this.#limits = limits;
  }

  get state(): ProgressState {
    return this.#state;
  }

  get match(): number {
    return this.#match;
  }

  get next(): number {
    return this.#next;
  }

  get inflightAppends(): number {
    return this.#inflight.length;
  }

  get inflightBytes(): number {
    return this.#inflightBytes;
  }

  get pendingSnapshot(): number {
    return this.#pendingSnapshot;
  }

  /** Whether it was heard from within the last two checks of the quorum: each forgets. */
  get heardLately(): boolean {
    return this.active || this.#wasActive;
  }

  /** Not heard from for two checks of the quorum; it had that long, also of a leader that was just elected. */
  get silent(): boolean {
    return this.#checks === 2 && !this.heardLately;
  }

  /** The quorum was checked. */
  checked(): void {
    this.#checks = Math.min(2, this.#checks + 1);
    this.#wasActive = this.active;
    this.active = false;
  }

  /** Its process has ended. */
  ended(): void {
    this.#wasActive = false;
    this.active = false;
  }

  /** Whether the window of appends on their way is full. */
  get full(): boolean {
    const { maxInflightAppends, maxInflightBytes } = this.#limits;
    return this.#inflight.length >= maxInflightAppends || this.#inflightBytes >= maxInflightBytes;
  }

  /** Whether nothing may be sent to it now, but heartbeats. */
  get paused(): boolean {
    return this.#paused || this.#state === 'snapshot';
  }

  /** What it counts for in a majority: what it is known to hold durably, if it takes part. */
  get counted(): number {
    return this.recovery === 0 ? this.#match : 0;
  }

  /** Whether entries may be sent now. */
  get canSendEntries(): boolean {
    return !this.reading && !this.paused && !(this.#state === 'replicate' && this.full);
  }

  /** Whether an append that carries `commit` would tell it something. */
  canBumpCommit(commit: number): boolean {
    return this.#sentCommit < commit && this.#sentCommit < this.#next - 1;
  }

  /** An append with so many entries, behind `next - 1`, was sent. */
  sent(entries: number, bytes: number): void {
    if (this.#state === 'probe') {
      if (entries > 0) this.#paused = true;
      return;
    }
    if (entries > 0) {
      this.#next += entries;
      this.#inflight.push({ lastIndex: this.#next - 1, bytes });
      this.#inflightBytes += bytes;
    }
    // The append that fills the window is a probe too: its answer opens the window again.
    this.#paused = this.full;
  }

  commitSent(commit: number): void {
    this.#sentCommit = Math.max(this.#sentCommit, commit);
  }

  /** It acknowledged everything up to `index`. Returns false for what was known. */
  acknowledged(index: number): boolean {
    if (index <= this.#match) return false;
    this.#match = index;
    this.#next = Math.max(this.#next, index + 1);
    this.#paused = false;
    this.#check();
    return true;
  }

  /** Appends up to `index` are through. */
  release(index: number): void {
    for (let append = this.#inflight[0]; append !== undefined; append = this.#inflight[0]) {
      if (append.lastIndex > index) break;
      this.#inflightBytes -= append.bytes;
      this.#inflight.shift();
    }
  }

  /** It refused an append behind `prevIndex`; its log may match at `hint`. False when outdated. */
  rejected(prevIndex: number, hint: number): boolean {
    if (this.#state === 'replicate') {
      // Everything up to match is known to be there: an old answer.
      if (prevIndex <= this.#match) return false;
      this.becomeProbe();
      return true;
    }
    if (this.#next - 1 !== prevIndex) return false;
    this.#next = Math.max(this.#match + 1, Math.min(prevIndex, hint + 1));
    this.#forgetSentCommit();
    this.#paused = false;
    this.#check();
    return true;
  }

  /** A heartbeat was answered: what was sent may have been lost, so one more may be tried. */
  resume(): void {
    this.#paused = false;
  }

  /** Nothing more until the next heartbeat is answered. */
  pause(): void {
    this.#paused = true;
  }

  /** Starts over behind the last index known to match, or behind a state that was installed. */
  becomeProbe(): void {
    const next = Math.max(this.#match, this.#pendingSnapshot) + 1;
    this.#reset('probe', next);
    this.#forgetSentCommit();
  }

  /** The state that it was offered did not arrive: what it lacks is the same as before. */
  snapshotFailed(): void {
    this.#pendingSnapshot = 0;
    this.becomeProbe();
  }

  becomeReplicate(): void {
    this.#reset('replicate', this.#match + 1);
  }

  becomeSnapshot(index: number, tick: number): void {
    this.#reset('snapshot', Math.max(this.#match, index) + 1);
    this.#pendingSnapshot = index;
    // All of a state is committed.
    this.#sentCommit = index;
    this.offeredAtTick = tick;
  }

  /** It has lost what it held: nothing that it once acknowledged counts any more. */
  startOver(recovery: number, recoveryIndex: number, next: number): void {
    this.#match = 0;
    this.#pendingSnapshot = 0;
    this.#reset('probe', next);
    this.#sentCommit = 0;
    this.confirmedRound = 0;
    this.active = true;
    this.recovery = recovery;
    this.recoveryIndex = recoveryIndex;
  }

  #reset(state: ProgressState, next: number): void {
    this.#state = state;
    this.#next = next;
    this.#paused = false;
    this.#pendingSnapshot = 0;
    this.#inflight = [];
    this.#inflightBytes = 0;
    this.#check();
  }

  /** What was sent behind `next - 1` has probably not arrived, nor the commit index with it. */
  #forgetSentCommit(): void {
    this.#sentCommit = Math.min(this.#sentCommit, this.#next - 1);
  }

  #check(): void {
    invariant(
      this.#match >= 0 && this.#match < this.#next,
      () => `progress of ${this.id}: match ${this.#match} must be below next ${this.#next}`,
    );
  }
}
