import { type OptionsForm, optional, wholeNumber, yesOrNo } from '@raft-ts/net/options';

/** When a member's log is cut, and what stays of it. */
export interface CompactionPolicy {
  /** The log is cut once it holds more entries. */
  readonly everyEntries: number;
  /**
   * What the log's entries hold at most, each with 32 bytes beside its payload: it is cut at 15/16,
   * as it is looked at once a second.
   */
  readonly everyBytes: number;
  /**
   * So many of the newest applied entries stay, as far as they fit into half of `everyBytes`: a
   * member that was away for a moment, or is slow, goes on from them. Below `everyEntries`.
   */
  readonly keepEntries: number;
  /**
   * Whether entries go that a member of the cluster is not known to hold. False: a member that is
   * away, or hangs, lets the logs of all others grow until it is back or taken out of the
   * membership. True: it may come back to find that they are gone, and then needs another member's
   * state: only where every member has `ReplicaOptions.snapshots`, or it is stuck for good. Not given:
   * where this one has, and the membership names an http endpoint for all; there, whoever is silent is not waited
   * for, whatever is given.
   */
  readonly overtakeMembers?: boolean;
  /**
   * What a member that gets on still needs stays though the log is above its limit, up to so many
   * bytes: it catches up, or fetches a state, and would else have to begin anew. Of effect where
   * members are overtaken; at least `everyBytes`.
   */
  readonly heldBytes: number;
}

export const defaultCompactionPolicy: CompactionPolicy = {
  everyEntries: 500_000,
  everyBytes: 256 * 1024 * 1024,
  keepEntries: 100_000,
  heldBytes: 1024 * 1024 * 1024,
};

export const compactionForm: OptionsForm<Partial<CompactionPolicy>, CompactionPolicy> = {
  fields: {
    everyEntries: wholeNumber(1),
    everyBytes: wholeNumber(1),
    keepEntries: wholeNumber(0),
    overtakeMembers: optional(yesOrNo),
    heldBytes: wholeNumber(1),
  },
  defaults: defaultCompactionPolicy,
  rules: ({ everyEntries, keepEntries }) =>
    keepEntries < everyEntries
      ? []
      : [`keepEntries must be below everyEntries, ${everyEntries}, not ${keepEntries}`],
};
