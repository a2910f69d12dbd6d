import type { MemberId } from '../core/log/entry.js';
import type { LogBase } from '../core/log/log-state.js';
import type { SnapshotPeer } from '../core/message.js';

/** Which state is wanted. */
export interface SnapshotRequest {
  /** The member that offered it; 0: nobody leads, and whoever has it will do. */
  readonly from: MemberId;
  /** The state has to be as of this index or a later one. */
  readonly index: number;
  /** Others that answer over HTTP, as whoever offered it knows them. */
  readonly peers?: readonly SnapshotPeer[];
}

/** A whole state of the state machine that was fetched, checked and kept aside. */
export interface FetchedSnapshot extends AsyncDisposable {
  /** What the log begins with behind this state; the serving member's `Replica.baseAt` tells it. */
  readonly base: LogBase;
  /**
   * Takes the place of the state machine's state, durably and in one step: after a crash either
   * the old or the new state is there. Called at most once, while nothing is applied. All that the
   * applier keeps beside the state belongs to it: the sessions of a StateMachineService are rows of
   * its machine, and its applied index. `Applier.installed` is called next.
   */
  install(): Promise<void>;
  /** Removes what was fetched, when it was not installed; does nothing otherwise. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Where a member gets the state from that it can't build from the log any more. */
export interface SnapshotSource {
  /**
   * Rejects when the state can't be had; it is asked for again after a pause. `signal` aborts when
   * a newer offer takes its place, or the member stops.
   */
  fetch(request: SnapshotRequest, signal: AbortSignal): Promise<FetchedSnapshot>;
}
