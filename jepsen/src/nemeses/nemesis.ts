import type { Cluster } from '../cluster/cluster.js';
import type { CallInput } from '../histories/history-event.js';
import type { Random } from '../random.js';

export interface NemesisContext {
  readonly cluster: Cluster;
  /** Decides everything about the fault: the same for the same seed. */
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** A fault in force. */
export interface Strike {
  /** What was done to whom, for the history: `{kind: 'kill', members: [2]}`. */
  readonly input: CallInput;
  /** Undoes it, whatever became of the members meanwhile. May be called once. */
  heal(): Promise<void>;
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
  /** Why it can't be had on this machine or with this cluster; undefined: it can. */
  unavailable(cluster: Cluster): Promise<string | undefined>;
  strike(context: NemesisContext): Promise<Strike>;
}
