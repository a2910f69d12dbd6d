import { encodeMount, type Mount, parseMount } from '../mounts/mount.js';
import { type MountCondition, parseCondition } from '../mounts/mount-condition.js';
import { wireArray, wireInteger } from '../wire-fields.js';
import { defineQuery } from './query.js';

/** A mount, and how it is with its storage. */
export interface MountReport {
  readonly mount: Mount;
  /** Inodes of it in the tree; those of deleted directories count until they are given back. */
  readonly entries: number;
  /** Undefined where the leader has not used the storage. */
  readonly condition: MountCondition | undefined;
}

/** All mounts. */
export const listMounts = defineQuery(
  'mounts',
  4,
  {},
  {
    paths: () => [],
    answer({ mounts }) {
      const reports = Array.from(mounts.all(), (mount) => {
        const condition = mounts.observer?.condition(mount.id);
        return [encodeMount(mount), mounts.entriesOf(mount.id), condition ?? null] as const;
      });
      return [reports];
    },
    parseAnswer(_query, answer): { readonly mounts: readonly MountReport[] } {
      const [reports] = wireArray(answer, 1, 1, 'an answer to mounts');
      return { mounts: wireArray(reports, 0, Number.MAX_SAFE_INTEGER, 'mounts').map(parseReport) };
    },
  },
);

function parseReport(value: unknown): MountReport {
  const [mount, entries, condition] = wireArray(value, 3, 3, 'a mount');
  return {
    mount: parseMount(mount),
    entries: wireInteger(entries, 0, Number.MAX_SAFE_INTEGER, 'entries'),
    condition: condition === null ? undefined : parseCondition(condition),
  };
}
