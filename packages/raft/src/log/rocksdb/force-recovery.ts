import { access } from 'node:fs/promises';
import { join } from 'node:path';
import {
  completeOptions,
  listOf,
  type OptionsForm,
  optional,
  text,
  wholeNumber,
} from '@raft-ts/net/options';
import { InvalidChange } from '../../core/membership/membership-change.js';
import { memberId } from '../../core/options.js';
import { forcedRecoveryWrite } from '../../core/recovery/forced-recovery.js';
import { isRaftError, optionsInvalid, RaftError } from '../../errors.js';
import { renameSnapshots } from '../../snapshot/rename-snapshots.js';
import { checkIdentity, writeIdentity } from './identity.js';
import { logOptionsForm, type RocksLogStoreOptions } from './log-options.js';
import { RocksLogStore } from './rocks-log-store.js';

/** What an operator has to say so that a member goes on without a majority. */
export interface ForceRecoveryOptions
  extends Pick<RocksLogStoreOptions, 'directory' | 'clusterId' | 'memberId' | 'signal'> {
  /**
   * The cluster's name from here on, another one than before: so that the members that are given
   * up, should they come back, are turned away and can't go on as the old cluster.
   */
  readonly newClusterId: string;
  /** Every other voter that the log knows of. */
  readonly lostVoters: readonly number[];
  /**
   * Where the member keeps its snapshots, which bear the cluster's name, too; `snapshots` in the directory by
   * default. There may be none.
   */
  readonly snapshots?: string;
  /** Who orders it and why, in words; kept for ever, in the membership. */
  readonly reason: string;
  /** Milliseconds since 1970; now by default. */
  readonly atMs?: number;
}

const SNAPSHOTS_NAME = 'snapshots';
/** Of entries that are read at a time. */
const READ_BYTES = 1024 * 1024;
const NEVER = new AbortController().signal;

const { directory, clusterId, signal } = logOptionsForm.fields;

const optionsForm: OptionsForm<ForceRecoveryOptions, object> = {
  fields: {
    directory,
    clusterId,
    memberId,
    signal,
    newClusterId: text,
    snapshots: optional(text),
    lostVoters: listOf(memberId),
    reason: text,
    atMs: optional(wholeNumber(0)),
  },
  defaults: {},
};

/** The entry that ordered it. */
export interface ForcedRecoveryResult {
  readonly index: number;
  readonly term: number;
}

/**
 * For the day on which a majority is lost for good: makes a stopped member the only voter of a
 * cluster with a new name. **What only the lost members held is gone, though it may have been
 * acknowledged.** Choose the survivor with the newest log; the others join again with empty
 * directories. Safe to call again after a crash in between.
 *
 * OPTIONS_INVALID; SNAPSHOT_DAMAGED: its newest snapshot is; RECOVERY_REFUSED when the order does not fit what the log says; LOG_LOCKED while the member
 * runs; LOG_FOREIGN, LOG_CORRUPT and others as RocksLogStore.open.
 */
export async function forceRecovery(given: ForceRecoveryOptions): Promise<ForcedRecoveryResult> {
  const options = completeOptions(optionsForm, given, optionsInvalid);
  const { directory, clusterId, newClusterId, memberId, lostVoters, reason, signal } = options;
  if (newClusterId === clusterId) {
    throw refused('the recovered cluster needs another name than the one that is given up');
  }
  const place = { directory, memberId, ...(signal === undefined ? {} : { signal }) };
  await using log = await openUnderEither(place, clusterId, newClusterId);
  await readAll(log, signal);
  const write = orRefuse(() =>
    forcedRecoveryWrite(log.initial, {
      survivor: memberId,
      lostVoters,
      reason,
      atMs: options.atMs ?? Date.now(),
    }),
  );
  // Before it is of the new cluster: whose snapshots are not, it could not start from them.
  const snapshots = options.snapshots ?? join(directory, SNAPSHOTS_NAME);
  if (await exists(snapshots)) await renameSnapshots(snapshots, newClusterId, signal ?? NEVER);
  // It stops being a member of the old cluster before its log says so: whatever comes next, it can't meet it.
  await writeIdentity(directory, { clusterId: newClusterId, memberId });
  await log.write(write);
  const [{ index, term }] = write.entries;
  return { index, term };
}

/** An earlier attempt may have got as far as the new name. */
async function openUnderEither(
  place: Pick<RocksLogStoreOptions, 'directory' | 'memberId' | 'signal'>,
  clusterId: string,
  newClusterId: string,
): Promise<RocksLogStore> {
  try {
    const found = await checkIdentity(place.directory, { ...place, clusterId });
    if (!found) throw refused(`${place.directory} holds no member`);
    return await RocksLogStore.open({ ...place, clusterId });
  } catch (error) {
    const found = isRaftError(error, 'LOG_FOREIGN') ? error.details.clusterId : undefined;
    if (found !== newClusterId) throw error;
    return RocksLogStore.open({ ...place, clusterId: newClusterId });
  }
}

/** Opening reads the log's end alone, and whoever goes on alone has nobody to get the rest from. */
async function readAll(log: RocksLogStore, signal: AbortSignal | undefined): Promise<void> {
  const { base, lastIndex } = log.initial;
  let next = base.index + 1;
  while (next <= lastIndex) next += (await log.read(next, lastIndex, READ_BYTES, signal)).length;
}

async function exists(directory: string): Promise<boolean> {
  return await access(directory).then(
    () => true,
    () => false,
  );
}

function orRefuse<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof InvalidChange) throw refused(error.message);
    throw error;
  }
}

function refused(why: string): RaftError {
  return new RaftError('RECOVERY_REFUSED', `nothing was changed: ${why}`);
}
