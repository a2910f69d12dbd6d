import { abortable, type Clock, type HttpRequester, waitingClock } from '@raft-ts/net';
import {
  callback,
  completeOptions,
  listOf,
  nested,
  number,
  type OptionsForm,
  optional,
  text,
  wholeNumber,
  withMethods,
  yesOrNo,
} from '@raft-ts/net/options';
import type { MemberId } from '../core/log/entry.js';
import type { SnapshotPeer } from '../core/message.js';
import { optionsInvalid } from '../errors.js';
import { BackupFile } from './backup-file.js';
import { BackupReceiver, type BackupTarget } from './backup-receiver.js';
import { HttpSnapshotSource, type SnapshotFetchProgress } from './http-snapshot-source.js';
import type { SnapshotManifest } from './snapshot-block.js';
import { applicationForm, type SnapshotApplication } from './snapshot-header.js';

/** Which state is backed up, and whose. */
export interface BackupOptions {
  readonly clusterId: string;
  /** States of this name, with this version or a lower one. */
  readonly application: SnapshotApplication;
  /** Who may be asked for it. */
  readonly peers: readonly SnapshotPeer[];
  /** Who leads, and is asked last; 0, as by default, where that is not known. */
  readonly leader?: MemberId;
  /**
   * The state has to be as of this index or a later one: what the leader had committed when the backup
   * was asked for, so that all that was acknowledged before is in it.
   */
  readonly index: number;
  /** Bytes a second that are taken in. No limit by default. */
  readonly maxBytesPerSecond?: number;
  /** Called as it gets on. */
  readonly progress?: (progress: SnapshotFetchProgress) => void;
  /** One of its own when left out. */
  readonly client?: HttpRequester;
  readonly clock?: Clock;
}

export interface FileBackupOptions extends BackupOptions {
  /** Whether a file that is there, or to which a symbolic link leads, is replaced. Default false: BACKUP_EXISTS. */
  readonly overwrite?: boolean;
}

const defaults = {
  leader: 0,
  maxBytesPerSecond: Number.POSITIVE_INFINITY,
  overwrite: false,
  clock: waitingClock,
};

const optionsForm: OptionsForm<FileBackupOptions, typeof defaults> = {
  fields: {
    clusterId: text,
    application: nested(applicationForm),
    peers: listOf(nested({ fields: { member: wholeNumber(1), address: text }, defaults: {} }), 1),
    leader: wholeNumber(0),
    index: wholeNumber(0),
    maxBytesPerSecond: number(1, Number.POSITIVE_INFINITY),
    progress: optional(callback()),
    overwrite: yesOrNo,
    client: optional(withMethods('request')),
    clock: withMethods('monotonicMs', 'after'),
  },
  defaults,
};

/**
 * Copies the state of a running cluster into the file `path`: a snapshot of one moment, every block of
 * which was checked. It has another name, `PATH.NUMBER.part`, until it is whole and on the disk; a failure or an abort
 * removes that. A member that goes away meanwhile is made up for by another one that has the same bytes.
 *
 * Rejects with OPTIONS_INVALID, BACKUP_EXISTS, SNAPSHOT_FAILED (no member gave it: the text says
 * why of each), the signal's reason, or what the file system reports.
 */
export async function backUp(
  path: string,
  given: FileBackupOptions,
  signal: AbortSignal,
): Promise<SnapshotManifest> {
  const options = completeOptions(optionsForm, given, optionsInvalid);
  await using file = await BackupFile.create(path, options.overwrite);
  return await pull(file, options, signal);
}

/**
 * The same into a stream: `write` is given the bytes in order, and resolves when more may come. What it
 * was given is no backup unless this resolves.
 */
export async function streamBackup(
  write: (bytes: Buffer) => Promise<void>,
  given: BackupOptions,
  signal: AbortSignal,
): Promise<SnapshotManifest> {
  const options = completeOptions(optionsForm, given, optionsInvalid);
  // Whoever reads it may take nothing any more.
  const writeUnlessAborted = (bytes: Buffer) => abortable(write(bytes), signal);
  const target = { write: writeUnlessAborted, restart: undefined, publish: async () => {} };
  return await pull(target, options, signal);
}

async function pull(
  target: BackupTarget,
  { leader, index, peers, ...options }: BackupOptions & typeof defaults,
  signal: AbortSignal,
): Promise<SnapshotManifest> {
  const receiver = new BackupReceiver(target);
  const { clusterId, application, maxBytesPerSecond, progress, client, clock } = options;
  await using source = new HttpSnapshotSource({
    clusterId,
    application,
    receiver,
    peers: () => peers,
    maxBytesPerSecond,
    clock,
    ...(progress === undefined ? {} : { onProgress: progress }),
    ...(client === undefined ? {} : { client }),
  });
  await using fetched = await source.fetch({ from: leader, index }, signal);
  await fetched.install();
  return receiver.manifest;
}
