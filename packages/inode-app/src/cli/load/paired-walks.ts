import type { InodeAppError } from '../../errors.js';
import { type ByteString, sliceBytes } from '../../namespace/tree/byte-string.js';
import type { Inode } from '../../namespace/tree/inode.js';
import { comesBefore, type WalkStep } from '../fs/walk-tree.js';
import type { RealStep, RealTreeWalk } from './walk-real-tree.js';

/** What is at one path below the top: on this machine, in the tree, or on both sides. */
export interface PairedStep {
  readonly path: ByteString;
  readonly real?: RealStep | undefined;
  readonly there?: Inode | undefined;
  /** Why the tree's directory at this path cannot be listed. */
  readonly error?: InodeAppError | undefined;
}

/**
 * Brings two walks together that come to their paths in the same order. `prefix` is what the paths
 * of the tree have before those below the top. Nothing here is looked at before what comes ahead of it
 * was taken.
 */
export async function* pairedWalks(
  real: RealTreeWalk,
  tree: AsyncIterable<WalkStep>,
  prefix: ByteString,
): AsyncGenerator<PairedStep, void> {
  let here = await real.next();
  for await (const step of tree) {
    const path = sliceBytes(step.path, prefix.length);
    while (here !== undefined && comesBefore(here.path, path)) {
      yield { path: here.path, real: here };
      here = await real.next();
    }
    if ('error' in step) yield { path, error: step.error };
    else if (here?.path !== path) yield { path, there: step.inode };
    else {
      yield { path, real: here, there: step.inode };
      here = await real.next();
    }
  }
  while (here !== undefined) {
    yield { path: here.path, real: here };
    here = await real.next();
  }
}
