import { stat } from 'node:fs/promises';
import type { ByteClient } from '../../client/byte-client.js';
import { displayBytes } from '../../display-names.js';
import { argumentInvalid } from '../../errors.js';
import type { NewAttributes } from '../../namespace/tree/attributes.js';
import type { ByteString } from '../../namespace/tree/byte-string.js';
import type { LoadSummary } from './load-summary.js';
import { readPrincipalNames } from './principals.js';
import { type Principals, realAttributes, realPath } from './real-entry.js';
import { TreeLoader } from './tree-loader.js';
import { walkRealTree } from './walk-real-tree.js';

export interface LoadOptions {
  readonly client: ByteClient;
  /** A directory of this machine, or a link to one. */
  readonly source: ByteString;
  /** Where its entries go; the directory there gets its attributes. */
  readonly into: ByteString;
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

/** Writes the metadata of a tree of this machine into the cluster's tree. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { client, source, into, signal } = options;
  const principals = {
    users: await readPrincipalNames('/etc/passwd'),
    groups: await readPrincipalNames('/etc/group'),
  };
  const top = await readTop(source, principals);
  const loader = new TreeLoader(client, signal);
  const hideProgress = options.showProgress?.(() => loader.entries);
  const begin = performance.now();
  let failure: unknown;
  try {
    await walkRealTree(source, loader.top(into, top), loader, principals, signal);
    await loader.finished();
  } catch (error) {
    failure = error;
  } finally {
    hideProgress?.();
  }
  const seconds = (performance.now() - begin) / 1000;
  const { entries, updated, leftOut } = loader;
  return {
    summary: {
      source: displayBytes(source),
      into: displayBytes(into),
      entries,
      updated,
      seconds: Math.round(seconds * 1000) / 1000,
      entriesPerSecond: Math.round(entries / Math.max(seconds, 0.001)),
      skipped: { count: leftOut.count, reasons: leftOut.reasons() },
    },
    complete: failure === undefined && leftOut.harmless,
    failure,
  };
}

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
