import type { NamedProperty } from '../property.js';
import { acknowledgedIsDurable } from './acknowledged-is-durable.js';
import { agreeOrStop } from './agree-or-stop.js';
import { backupsAreExact } from './backups-are-exact.js';
import { campaignsArePaced } from './campaigns-are-paced.js';
import { changesFromOutsideAreFound } from './changes-from-outside-are-found.js';
import { changesInMountsAreKept } from './changes-in-mounts-are-kept.js';
import { commandsOnce } from './commands-once.js';
import { cutsLeaveWhatIsNeeded } from './cuts-leave-what-is-needed.js';
import { divergedMembersStop } from './diverged-members-stop.js';
import { electionSafety } from './election-safety.js';
import { equalState } from './equal-state.js';
import { installedStatesAreWhole } from './installed-states-are-whole.js';
import { leaderAppendOnly } from './leader-append-only.js';
import { leaderCompleteness } from './leader-completeness.js';
import { leasesAreKept } from './leases-are-kept.js';
import { linearizable } from './linearizable.js';
import { linearizableHistory } from './linearizable-history.js';
import { logMatching } from './log-matching.js';
import { logTimeNeverBack } from './log-time-never-back.js';
import { logsStayBounded } from './logs-stay-bounded.js';
import { membersKeepRunning } from './members-keep-running.js';
import { memoryWithinLimits } from './memory-within-limits.js';
import { neverBack } from './never-back.js';
import { overlappingMajorities } from './overlapping-majorities.js';
import { recoveringMembersDoNotDecide } from './recovering-members-do-not-decide.js';
import { snapshotsAreGoneOnWith } from './snapshots-are-gone-on-with.js';
import { stateMachineSafety } from './state-machine-safety.js';
import { thePastIsNotBelieved } from './the-past-is-not-believed.js';
import { transfersEnd } from './transfers-end.js';
import { treeAndStorageAgree } from './tree-and-storage-agree.js';
import { wallTimesFollowClocks } from './wall-times-follow-clocks.js';

/** In the order in which they are checked. Liveness after healing is checked by the run itself. */
export const PROPERTIES: readonly NamedProperty[] = [
  stateMachineSafety,
  electionSafety,
  leaderAppendOnly,
  logMatching,
  leaderCompleteness,
  leasesAreKept,
  acknowledgedIsDurable,
  neverBack,
  overlappingMajorities,
  recoveringMembersDoNotDecide,
  memoryWithinLimits,
  cutsLeaveWhatIsNeeded,
  logsStayBounded,
  installedStatesAreWhole,
  snapshotsAreGoneOnWith,
  backupsAreExact,
  thePastIsNotBelieved,
  transfersEnd,
  campaignsArePaced,
  commandsOnce,
  logTimeNeverBack,
  wallTimesFollowClocks,
  equalState,
  linearizable,
  linearizableHistory,
  membersKeepRunning,
  changesInMountsAreKept,
  changesFromOutsideAreFound,
  treeAndStorageAgree,
];

/**
 * Of runs in which an older copy of a disk is put back. Most properties rest on disks that keep what
 * they hold; these do not.
 */
export const PROPERTIES_WITH_OLDER_COPY: readonly NamedProperty[] = [
  memoryWithinLimits,
  transfersEnd,
  membersKeepRunning,
  agreeOrStop,
];

/** Of runs in which a state machine goes wrong: until that is noticed its member answers wrongly. */
export const PROPERTIES_WITH_WRONG_MACHINE: readonly NamedProperty[] = [
  electionSafety,
  logMatching,
  leaderCompleteness,
  memoryWithinLimits,
  transfersEnd,
  membersKeepRunning,
  divergedMembersStop,
];
