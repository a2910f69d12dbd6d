/**
 * The requests that a member answers. Every body is an array; times are milliseconds. A request
 * waits at most `timeoutMs`, or the member's own maximum where that is less.
 */
export const RpcMethod = {
  /** `[timeoutMs]` → `[session, window]`: a new session, and its outstanding commands at most. */
  OpenSession: 1,
  /** `[session, sequence, acknowledgedBelow, command, timeoutMs]` → the command's result. */
  Command: 2,
  /**
   * `[consistency, query, timeoutMs]` → the answer; `consistency` as in `QueryConsistency`, and with
   * `Bounded` a fourth field `maxStaleMs`.
   */
  Query: 3,
  /** `[session, timeoutMs]` → null, also when there is no such session any more. */
  CloseSession: 4,
  /** Anything → a `MemberStatus`; answered by any member in any state. */
  Status: 5,
  /**
   * `[aboveTerm, waitMs]` → `[leads, term, leader, address, addresses]`. A member that leads answers at
   * once; another one as soon as it knows a leader of a term above `aboveTerm`; each after
   * `waitMs` at the latest. `leader` is 0 and `address` null when unknown. So a client finds a
   * new leader in the moment it is elected, without asking again and again. `addresses`: where clients
   * reach everybody who takes part, by whoever leads; others leave it out.
   */
  FindLeader: 6,
  /**
   * `[after, limit]` → `[[id, host, idleMs, savedResults, savedBytes], ...]`: sessions with an id
   * above `after`, ascending, as the leader has applied them; at most `limit`, and 1,000.
   */
  ListSessions: 7,
  /** Anything → a `ClusterMembership`, as the leader has applied it. */
  Membership: 8,
  /**
   * `[[[type, id, endpoints], ...], timeoutMs]` → null, once the membership is so: at once where it is
   * already. `type` as in `MemberChange`; `endpoints` is null for none given, or
   * `[member, client, http]`, of which the last two may be null. An update may have a priority as a fourth
   * field. At most 64 changes, in one step.
   */
  ChangeMembership: 9,
  /** `[member, timeoutMs]` → null, once this member leads. */
  TransferLeadership: 10,
  /**
   * Anything → `[known, [[index, hash], ...]]`: what the member's state hashed to at the newest
   * checkpoints, by ascending index. `known` is false where it has no hash that covers what it holds.
   */
  StateHashes: 11,
} as const;

/** What a query's answer must have seen, and whose. The numbers are sent over the network. */
export const QueryConsistency = {
  /** Everything acknowledged anywhere before the query was sent. By the leader alone. */
  OfLeader: 0,
  /** Whatever the asked member has applied: may be old. */
  Local: 1,
  /** As `OfLeader`, by any member: one that follows asks the leader how much it must have applied. */
  OfAny: 2,
  /** Everything acknowledged more than `maxStaleMs` before the member took the query; by any. */
  Bounded: 3,
} as const;

export type QueryConsistency = (typeof QueryConsistency)[keyof typeof QueryConsistency];

/** Of `Bounded` queries; whoever takes older answers asks for local ones. */
export const MAX_STALE_MS = 24 * 60 * 60 * 1000;
