import { invariant } from '../invariant.js';
import { type Entry, EntryType, type HardState, type MemberId } from '../log/entry.js';
import type { LogState } from '../log/log-state.js';
import { logStateOf } from '../log/log-state-of.js';
import { ascending, EMPTY_CONFIGURATION } from './configuration.js';
import type { EndpointsByMember } from './endpoints.js';
import { InvalidChange } from './membership-change.js';
import { encodeMembershipRecord } from './membership-record.js';

/** The step with which a new cluster's log begins, or that of who survived alone: a LogWrite. */
export interface BootstrapWrite {
  readonly hardState: HardState;
  readonly entries: readonly [Entry];
}

/**
 * What every founding member writes into its empty log before it starts: the same committed entry
 * that says who takes part. InvalidChange when nobody votes or somebody is voter and learner.
 */
export function bootstrapWrite(
  voters: readonly MemberId[],
  learners: readonly MemberId[],
  endpoints: EndpointsByMember,
): BootstrapWrite {
  if (voters.length === 0) throw new InvalidChange('a cluster needs a voter to begin with');
  const both = learners.find((id) => voters.includes(id));
  if (both !== undefined) throw new InvalidChange(`member ${both} can't be voter and learner`);
  const configuration = {
    ...EMPTY_CONFIGURATION,
    voters: ascending(voters),
    learners: ascending(learners),
  };
  const data = encodeMembershipRecord({ kind: 'bootstrap', configuration, endpoints });
  return {
    hardState: { term: 1, votedFor: 0, commit: 1, recovery: 0 },
    entries: [{ index: 1, term: 1, type: EntryType.Membership, data }],
  };
}

/** What the log, empty so far, holds once `write` is durable. */
export function afterBootstrap(log: LogState, { hardState, entries }: BootstrapWrite): LogState {
  invariant(
    log.lastIndex === 0 && log.hardState.term === 0,
    `a log that holds ${log.lastIndex} entries of term ${log.hardState.term} has begun already`,
  );
  return logStateOf(hardState, log.base, entries);
}
