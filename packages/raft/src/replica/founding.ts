import type { LogState } from '../core/log/log-state.js';
import { afterBootstrap, bootstrapWrite } from '../core/membership/bootstrap.js';
import { optionsInvalid, RaftError } from '../errors.js';
import { isRestoredClusterId } from '../snapshot/restored-cluster-id.js';
import { HeldState } from './held-state.js';
import type { ReplicaOptions } from './replica-options.js';

/** What a member starts from. */
export interface Founding {
  readonly log: LogState;
  /** What the core is told that the state machine holds; it may hold more. */
  readonly applied: number;
  /** Whether a leader has to bring it up to date before it takes part; see recovery.ts. */
  readonly joining: boolean;
}

type FoundingOptions = Pick<
  ReplicaOptions,
  'id' | 'clusterId' | 'initialVoters' | 'initialEndpoints' | 'log' | 'snapshots'
> & { readonly applier: Pick<ReplicaOptions['applier'], 'appliedIndex'> };

/**
 * Finds out what this member is: one that goes on, one that founds a new cluster, or one that comes
 * later or again with nothing. A log that is empty beside a state machine that is not has been
 * lost. LOG_CORRUPT when the log ends before what the state machine holds, STATE_MISSING when it begins
 * behind it and no state can be fetched. CommittedContradicted where the two are of different histories.
 */
export async function found(options: FoundingOptions): Promise<Founding> {
  const { log, applier, id, initialVoters = [], initialEndpoints = {} } = options;
  const { initial } = log;
  const { appliedIndex } = applier;
  if (isEmpty(initial)) {
    if (appliedIndex > 0 || !initialVoters.includes(id)) {
      return { log: initial, applied: 0, joining: true };
    }
    refuseFoundingRestored(options);
    const write = bootstrapWrite(initialVoters, [], initialEndpoints);
    await log.write(write);
    return { log: afterBootstrap(initial, write), applied: 0, joining: false };
  }
  if (appliedIndex < initial.base.index && options.snapshots === undefined) {
    throw new RaftError(
      'STATE_MISSING',
      `the state machine has applied ${appliedIndex} entries and the log begins behind ` +
        `${initial.base.index}: the state was lost, or is an older copy, and the entries that led to it ` +
        'are compacted away. Put the state back, name a source of it (`snapshots`), or start with ' +
        'neither log nor state to have both brought by the others',
    );
  }
  new HeldState(applier).checkLog(initial);
  if (initial.hardState.recovery !== 0) {
    // What the state machine holds may come from a log that was lost: it proves nothing of this one,
    // in which entries of a deposed leader may stand.
    return { log: initial, applied: Math.min(appliedIndex, initial.base.index), joining: false };
  }
  if (appliedIndex > initial.lastIndex) {
    throw new RaftError(
      'LOG_CORRUPT',
      `the state machine has applied ${appliedIndex} entries but the log ends at ` +
        `${initial.lastIndex}: the log has lost entries, or is an older copy. Move it away (of a data ` +
        'directory its folder log, and nothing else) to have it brought up to date by the others',
    );
  }
  return { log: initial, applied: appliedIndex, joining: false };
}

/** Who founds with nothing beside others that began with a state would have to forget one or the other. */
function refuseFoundingRestored({ clusterId }: FoundingOptions): void {
  if (!isRestoredClusterId(clusterId)) return;
  throw optionsInvalid(
    `clusterId: "${clusterId}" is founded from a snapshot, and this member has nothing: make its directory from ` +
      'that snapshot (foundFromSnapshot), or let it join',
  );
}

function isEmpty({ lastIndex, hardState }: LogState): boolean {
  return lastIndex === 0 && hardState.term === 0 && hardState.recovery === 0;
}
