import type { Cluster } from '../cluster/cluster.js';
import type { CallInput } from '../histories/history-event.js';
import type { JsonObject } from '../histories/json.js';
import type { Random } from '../random.js';
import type { Holds } from './holds/holds.js';

export interface NemesisContext {
  readonly cluster: Cluster;
  /** Through these alone a nemesis changes anything: several at once do not undo each other's faults. */
  readonly holds: Holds;
  /** Decides everything about the fault: the same for the same seed. */
  readonly random: Random;
  /** Gives the strike up: it undoes what it has done and rejects. */
  readonly signal: AbortSignal;
  /** Resolves after so long, and at once where the signal is aborted. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** A fault in force. */
export interface Strike {
  /** What was done to whom, for the history: `{kind: 'kill', members: [2]}`. */
  readonly input: CallInput;
  /** Undoes it, whatever became of the members meanwhile, and tells what was found. May be called once. */
  heal(): Promise<JsonObject>;
}

/** A kind of fault. Each strike chooses its victims and its measure anew. */
export interface Nemesis {
  /** As on the command line: `partition`, `partition-one-way`, `kill`. */
  readonly name: string;
  /** What a cluster that stays valid under it has shown: one line. */
  readonly proves: string;
  /** How long a strike lasts, and the pause behind it, milliseconds on average. */
  readonly lastsMs: number;
  readonly pausesMs: number;
  /** Members may rightly end of it by themselves, as of a disk that fails. Under any other, one that does is at fault. */
  readonly endsMembers?: boolean;
  /** Why it can't be had on this machine or with this cluster; undefined: it can. */
  unavailable(cluster: Cluster): Promise<string | undefined>;
  /** Done once, before the first member starts: what members have to be started with. */
  prepare?(holds: Holds, cluster: Cluster): Promise<void>;
  strike(context: NemesisContext): Promise<Strike>;
}
