import { stat } from 'node:fs/promises';
import type { ByteClient } from '../../client/byte-client.js';
import { displayBytes } from '../../display-names.js';
import { argumentInvalid, InodeAppError, isRefusalCode } from '../../errors.js';
import type { NewAttributes } from '../../namespace/tree/attributes.js';
import {
  type ByteString,
  NO_BYTES,
  sliceBytes,
  textFromByteString,
} from '../../namespace/tree/byte-string.js';
import { InodeType } from '../../namespace/tree/inode.js';
import { isBelow, ROOT_PATH } from '../../namespace/tree/path.js';
import { TreeWalk } from '../fs/walk-tree.js';
import type { LoadSummary } from './load-summary.js';
import { readPrincipalNames } from './principals.js';
import { type Principals, realAttributes, realPath } from './real-entry.js';
import { TreeLoader } from './tree-loader.js';
import { RealTreeWalk } from './walk-real-tree.js';

export interface LoadOptions {
  readonly client: ByteClient;
  /** A directory of this machine, or a link to one. */
  readonly source: ByteString;
  /** Where its entries go; the directory there gets its attributes. */
  readonly into: ByteString;
  /** Whether what is below `into` and not in the source is deleted. Not by default. */
  readonly deletes?: boolean;
  /** Shows how many entries are acknowledged, until what it returns is called. */
  readonly showProgress?: (entries: () => number) => () => void;
  readonly signal?: AbortSignal;
}

export interface LoadResult {
  readonly summary: LoadSummary;
  /** Whether everything is there, but for what nobody expects to be, such as sockets. */
  readonly complete: boolean;
  /** What ended the load early: the summary tells what was acknowledged by then. */
  readonly failure: unknown;
}

/** Makes the cluster's tree hold the metadata of a tree of this machine, by what differs. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { client, source, into, deletes = false, signal } = options;
  const principals = {
    users: await readPrincipalNames('/etc/passwd'),
    groups: await readPrincipalNames('/etc/group'),
  };
  const top = await readTop(source, principals);
  const prefix = into === ROOT_PATH ? NO_BYTES : into;
  const real = new RealTreeWalk(source, principals);
  const loader = new TreeLoader({ client, real, prefix, deletes, signal });
  const enters = (path: ByteString) => real.hasDirectory(sliceBytes(path, prefix.length));
  const hideProgress = options.showProgress?.(() => loader.entries);
  const begin = performance.now();
  let failure: unknown;
  try {
    await refuseMount(client, into, signal);
    const there = await statusOf(client, into, signal);
    const isDirectory = there?.type === InodeType.Directory;
    const walk = new TreeWalk(client, { listing: { signal }, enters });
    await loader.load(top, there, isDirectory ? walk.below(into) : nothing());
  } catch (error) {
    failure = error;
  } finally {
    hideProgress?.();
  }
  const seconds = (performance.now() - begin) / 1000;
  const { entries, added, updated, deleted, leftOut } = loader;
  return {
    summary: {
      source: textFromByteString(source),
      into: textFromByteString(into),
      entries,
      added,
      updated,
      deleted,
      seconds: Math.round(seconds * 1000) / 1000,
      entriesPerSecond: Math.round(entries / Math.max(seconds, 0.001)),
      skipped: { count: leftOut.count, reasons: leftOut.reasons() },
    },
    complete: failure === undefined && leftOut.harmless,
    failure,
  };
}

/** What lies in a mount comes from its storage alone. */
async function refuseMount(client: ByteClient, into: ByteString, signal: AbortSignal | undefined) {
  const mounts = await client.mounts(signal);
  const above = mounts.find(({ mount: { path } }) => path === into || isBelow(into, path));
  if (above === undefined) return;
  const message =
    `${displayBytes(into)}: cannot be loaded into: ${displayBytes(above.mount.uri)} is mounted at ` +
    `${displayBytes(above.mount.path)}, and what is there comes from that storage`;
  throw new InodeAppError('MOUNT_UNSUPPORTED', message, { path: textFromByteString(into) });
}

/** What the tree has where the source goes; whatever keeps a path from leading there is refused later. */
async function statusOf(client: ByteClient, path: ByteString, signal: AbortSignal | undefined) {
  try {
    return await client.getStatus(path, signal);
  } catch (error) {
    if (error instanceof InodeAppError && isRefusalCode(error.code)) return undefined;
    throw error;
  }
}

async function* nothing(): AsyncGenerator<never, void> {}

/** The attributes of the directory that is loaded. */
async function readTop(source: ByteString, principals: Principals): Promise<NewAttributes> {
  let reason: string;
  try {
    const stats = await stat(realPath(source), { bigint: true });
    if (stats.isDirectory()) return realAttributes(stats, principals);
    reason = 'is no directory';
  } catch (error) {
    reason = `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`;
  }
  const shown = source === '' ? 'the empty path' : displayBytes(source);
  throw argumentInvalid(`${shown} ${reason}`);
}
