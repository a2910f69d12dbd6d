/**
 * The protocol by itself: for those who bring their own log, transport and clock, and for tests.
 * Everything here is pure; `Raft` says how to drive it.
 */
export type * from './effects.js';
export { GROUP } from './group.js';
export { InvariantBroken, invariant } from './invariant.js';
export {
  EMPTY_HARD_STATE,
  ENTRY_OVERHEAD_BYTES,
  type Entry,
  EntryType,
  entryBytes,
  type HardState,
  type MemberId,
} from './log/entry.js';
export { LogSizes, type SizeStep } from './log/log-sizes.js';
export { EMPTY_BASE, type LogBase, type LogState, type TermRun } from './log/log-state.js';
export { logStateOf } from './log/log-state-of.js';
export { TermRuns } from './log/term-runs.js';
export { afterBootstrap, type BootstrapWrite, bootstrapWrite } from './membership/bootstrap.js';
export { committedMembership } from './membership/committed-membership.js';
export {
  allMembers,
  type Configuration,
  EMPTY_CONFIGURATION,
  isJoint,
  isVoter,
} from './membership/configuration.js';
export type { Endpoints, EndpointsByMember } from './membership/endpoints.js';
export {
  EMPTY_MEMBERSHIP,
  type ForcedRecovery,
  type Membership,
} from './membership/membership.js';
export {
  InvalidChange,
  LEAVE_JOINT,
  type MemberChange,
  type MembershipChange,
  type Transition,
} from './membership/membership-change.js';
export { decodeMembership, encodeMembership } from './membership/membership-codec.js';
export { MembershipDamaged } from './membership/membership-json.js';
export {
  decodeMembershipRecord,
  type MembershipRecord,
} from './membership/membership-record.js';
export {
  enterJoint,
  leaveJoint,
  simpleChange,
} from './membership/next-configuration.js';
export { nextMembership } from './membership/next-membership.js';
export type * from './message.js';
export { defaultRaftOptions, MAX_PRIORITY, memberId, type RaftOptions } from './options.js';
export { jointIndex, jointVote } from './quorum/joint.js';
export { majorityIndex, majorityVote, type VoteResult } from './quorum/majority.js';
export { Raft } from './raft.js';
export type { RaftStart } from './raft-start.js';
export { CommittedContradicted } from './recovery/contradiction.js';
export { statesAreFetched } from './replication/held-by-all.js';
export { snapshotPeers } from './snapshot/snapshot-peers.js';
export type { Role } from './state.js';
export type { ProgressStatus, RaftStatus } from './status.js';
