import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  abortSignal,
  callback,
  completeOptions,
  type OptionsForm,
  optional,
  text,
  withMethods,
} from '@raft-ts/net/options';
import type { MemberId } from '../../core/log/entry.js';
import { ascending, EMPTY_CONFIGURATION } from '../../core/membership/configuration.js';
import type { EndpointsByMember } from '../../core/membership/endpoints.js';
import { EMPTY_MEMBERSHIP } from '../../core/membership/membership.js';
import { memberId } from '../../core/options.js';
import { optionsInvalid, RaftError } from '../../errors.js';
import { hasCode } from '../../rocksdb/caught-error.js';
import { isRestoredClusterId, restoredClusterId } from '../../snapshot/restored-cluster-id.js';
import type { SnapshotManifest } from '../../snapshot/snapshot-block.js';
import { beingRestored, LOG_NAME, makeDirectory, RESTORING_NAME } from './data-directory.js';
import { syncDirectory } from './durable-file.js';
import { IDENTITY_NAME } from './identity.js';
import { RocksLogStore } from './rocks-log-store.js';

/** One founder of a cluster that goes on from a snapshot. */
export interface FoundFromSnapshotOptions {
  /** The member's data directory; made when it is missing, and empty otherwise. */
  readonly directory: string;
  readonly memberId: MemberId;
  /** What the cluster is to be called. Its id has this, and what all founders have to agree on. */
  readonly clusterName: string;
  /** Who founds it, this member too, and where each is reached: the same for each. */
  readonly founders: EndpointsByMember;
  /** Of the snapshot, all of which was or will be checked. */
  readonly manifest: Pick<SnapshotManifest, 'id' | 'header'>;
  /**
   * Puts the state of that snapshot into `directory`, which the member's is going to be, durably. Its names
   * must be none of the log's: `identity`, `log`, `mark` and `outline`.
   */
  readonly writeState: (directory: string) => Promise<void>;
  readonly signal?: AbortSignal;
}

const optionsForm: OptionsForm<FoundFromSnapshotOptions, object> = {
  fields: {
    directory: text,
    memberId,
    clusterName: text,
    founders: withMethods(),
    manifest: withMethods(),
    writeState: callback(),
    signal: optional(abortSignal),
  },
  defaults: {},
};

/** What a file system has in its uppermost directory. */
const NOT_OURS: ReadonlySet<string> = new Set(['lost+found']);

/**
 * Makes the data directory of a member that founds a cluster with what a snapshot holds: its log begins
 * behind that, and its members are the founders. Each founder is made so, of the same snapshot,
 * before any of them starts; who comes later, or lost its directory, joins as in any cluster.
 *
 * Returns the cluster's id, which is the same for founders that agree. Killed in between, nothing is left that a
 * member would start from: empty the directory then. Rejects with OPTIONS_INVALID, RESTORE_REFUSED (the
 * directory is not empty, or founders differ from those that a given id is of), the signal's
 * reason, what `writeState` rejects with or the file system reports: the directory is as it was.
 */
export async function foundFromSnapshot(given: FoundFromSnapshotOptions): Promise<string> {
  const options = completeOptions(optionsForm, given, optionsInvalid);
  const clusterId = agreedClusterId(options);
  const { directory } = options;
  const made = await makeEmpty(directory);
  const unfinished = join(directory, RESTORING_NAME);
  await claim(directory, made);
  const moved: string[] = [];
  try {
    await refuseOthers(directory, new Set([RESTORING_NAME]));
    await options.writeState(unfinished);
    options.signal?.throwIfAborted();
    await writeLog(unfinished, clusterId, options);
    await syncDirectory(unfinished);
    for (const name of inOrder(await readdir(unfinished))) {
      await rename(join(unfinished, name), join(directory, name));
      moved.push(name);
      await syncDirectory(directory);
    }
    await rmdir(unfinished);
    await syncDirectory(directory);
    return clusterId;
  } catch (error) {
    // Whose it is goes first: without that, nobody starts from the rest.
    for (const name of [...moved.reverse(), RESTORING_NAME]) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
    // Somebody else's files stay, and so does what went wrong first.
    if (made) await rmdir(directory).catch(() => {});
    throw error;
  }
}

function agreedClusterId(options: FoundFromSnapshotOptions): string {
  const { founders, manifest, clusterName, memberId: id } = options;
  if (founders[id] === undefined) {
    throw refused(`member ${id} is none of the founders ${Object.keys(founders)}`);
  }
  const clusterId = restoredClusterId(clusterName, manifest.id, founders);
  if (!isRestoredClusterId(clusterName) || clusterName === clusterId) return clusterId;
  throw refused(
    `"${clusterName}" was founded from another snapshot, or by other members: this snapshot and these ` +
      `founders are "${clusterId}". Give each founder the same file and the same list`,
  );
}

/** Whether it made it. */
async function makeEmpty(directory: string): Promise<boolean> {
  try {
    await refuseOthers(directory);
    return false;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    await makeDirectory(directory);
    return true;
  }
}

/** Of several at the same time one goes on, and the others leave what it makes alone. */
async function claim(directory: string, made: boolean): Promise<void> {
  try {
    await mkdir(join(directory, RESTORING_NAME));
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw refused(beingRestored(directory));
    if (made) await rmdir(directory);
    throw error;
  }
}

/** RESTORE_REFUSED where a directory holds anything but `known`. */
async function refuseOthers(
  directory: string,
  known: ReadonlySet<string> = new Set(),
): Promise<void> {
  const names = await readdir(directory);
  const others = names.filter((name) => !NOT_OURS.has(name) && !known.has(name));
  if (others.includes(RESTORING_NAME)) throw refused(beingRestored(directory));
  if (others.length === 0) return;
  throw refused(`${directory} is not empty: a member is restored into a directory of its own`);
}

async function writeLog(
  directory: string,
  clusterId: string,
  { memberId: id, founders, manifest, signal }: FoundFromSnapshotOptions,
): Promise<void> {
  const { index, term } = manifest.header.base;
  const voters = ascending(Object.keys(founders).map(Number));
  const membership = {
    ...EMPTY_MEMBERSHIP,
    index,
    configuration: { ...EMPTY_CONFIGURATION, voters },
    endpoints: founders,
    unheard: voters,
  };
  await using log = await RocksLogStore.open({
    directory,
    clusterId,
    memberId: id,
    ...(signal === undefined ? {} : { signal }),
  });
  const hardState = { term, votedFor: 0, commit: index, recovery: 0 };
  await log.write({ hardState, base: { index, term, membership }, entries: [] });
}

/** The log comes before the state, so that no start takes that for its own; whose it is comes last. */
function inOrder(names: readonly string[]): readonly string[] {
  const place = (name: string) => (name === IDENTITY_NAME ? 2 : name === LOG_NAME ? 0 : 1);
  return [...names].sort((a, b) => place(a) - place(b));
}

function refused(why: string): RaftError {
  return new RaftError('RESTORE_REFUSED', `nothing was changed: ${why}`);
}
