import { FLAG, PATH, WHOLE } from '../message-form.js';
import { optionally } from '../mounts/mount-fields.js';
import { type Failure, failure } from '../tree/failure.js';
import { wireArray, wireBoolean, wireNumber } from '../wire-fields.js';
import { defineQuery } from './query.js';

/** How far looking into a storage has come. */
export interface SyncProgress {
  /** To ask for the same again. */
  readonly job: number;
  readonly ended: boolean;
  readonly directories: number;
  /** Entries that the storage told of. */
  readonly entries: number;
  /** Entries of the tree that came, changed or went. */
  readonly changed: number;
  /** What the storage holds and no tree can. */
  readonly skipped: number;
}

export function encodeProgress(progress: SyncProgress) {
  const { job, ended, directories, entries, changed, skipped } = progress;
  return [job, ended, directories, entries, changed, skipped] as const;
}

const FIELDS = {
  path: PATH,
  /** All that is below, too. */
  recursive: FLAG,
  /** The look that was begun by asking before; undefined: a new one. */
  job: { ...optionally(WHOLE), optional: true as const },
};

/**
 * Looks into the storage of a mount now, whatever its interval. Answers when that has ended, or after some seconds with
 * how far it has come: asked again, it goes on with the same look.
 */
export const syncPath = defineQuery('sync', 7, FIELDS, {
  paths: ({ path }) => [path],
  /** Whoever knows storages answers it before it comes here. */
  answer: (_store, { path }): readonly [ReturnType<typeof encodeProgress>] | Failure =>
    failure('NOT_MOUNTED', path),
  parseAnswer(_query, answer): SyncProgress {
    const [progress] = wireArray(answer, 1, 1, 'an answer to sync');
    const fields = wireArray(progress, 6, 6, 'progress');
    return {
      job: wireNumber(fields[0], 'job'),
      ended: wireBoolean(fields[1], 'ended'),
      directories: wireNumber(fields[2], 'directories'),
      entries: wireNumber(fields[3], 'entries'),
      changed: wireNumber(fields[4], 'changed'),
      skipped: wireNumber(fields[5], 'skipped'),
    };
  },
});
