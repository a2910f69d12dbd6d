/** Identifies one member of a cluster: an integer from 1 to 2^32 - 1. 0 stands for "nobody". */
export type MemberId = number;

export const MAX_MEMBER_ID = 0xffff_ffff;

/** Whether `value` can identify a member. */
export function isMemberId(value: unknown): value is MemberId {
  return (
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= MAX_MEMBER_ID
  );
}

/** What an entry carries. The numbers are stored on disk and sent over the network. */
export const EntryType = {
  /** The empty entry with which a leader opens its term (Raft thesis, 6.4). */
  Empty: 0,
  /** A payload of the replicated state machine. */
  Command: 1,
  /** A change of who takes part; the payload is a MembershipRecord (Raft paper, 6). */
  Membership: 2,
} as const;

export type EntryType = (typeof EntryType)[keyof typeof EntryType];

export function isEntryType(value: unknown): value is EntryType {
  return value === EntryType.Command || value === EntryType.Empty || value === EntryType.Membership;
}

/** One entry of the replicated log. Immutable; `index` starts at 1 and has no gaps. */
export interface Entry {
  readonly index: number;
  readonly term: number;
  readonly type: EntryType;
  readonly data: Uint8Array;
}

/**
 * What a member must know again after a restart (Raft paper, figure 2, "persistent state").
 * `commit` is a hint: it saves waiting for the leader, and may be older than what was committed.
 */
export interface HardState {
  readonly term: number;
  /** Who got this member's vote in `term`; 0 for nobody. */
  readonly votedFor: MemberId;
  readonly commit: number;
  /**
   * 0, or the number under which this member asks to be brought up to date: it has lost, or never
   * had, what others may count on. It neither votes nor campaigns, and its answers count for
   * nothing, until a leader says that it holds enough again. See recovery.ts.
   */
  readonly recovery: number;
}

export const EMPTY_HARD_STATE: HardState = { term: 0, votedFor: 0, commit: 0, recovery: 0 };

/** Bytes an entry counts for in limits and windows: its payload and a fixed part for the rest. */
export const ENTRY_OVERHEAD_BYTES = 32;

export function entryBytes(entry: Entry): number {
  return entry.data.byteLength + ENTRY_OVERHEAD_BYTES;
}

export function totalBytes(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entryBytes(entry);
  return bytes;
}

/** The first of `entries`, and as many behind it as `maxBytes` have room for in sum. */
export function upToBytes(entries: Iterable<Entry>, maxBytes: number): Entry[] {
  const taken: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    bytes += entryBytes(entry);
    if (taken.length > 0 && bytes > maxBytes) break;
    taken.push(entry);
  }
  return taken;
}
