import { MAX_PATH_INTERVALS } from '../limits.js';
import { type Field, PATH } from '../message-form.js';
import type { Mount } from '../mounts/mount.js';
import { OPTIONS, optionally, PROFILE, SYNC_INTERVAL, YES_OR_NO } from '../mounts/mount-fields.js';
import type { ByteString } from '../tree/byte-string.js';
import { failure } from '../tree/failure.js';
import { pathFault } from '../tree/path.js';
import { defineOperation } from './operation.js';

/** An interval, or that of the directory above. */
const INTERVAL: Field<number | 'inherit', number | 'inherit'> = {
  parse: (wire, what) => (wire === 'inherit' ? wire : SYNC_INTERVAL.parse(wire, what)),
  encode: (given) => given,
  fromText: (given, what) => (given === 'inherit' ? given : SYNC_INTERVAL.fromText(given, what)),
};

const FIELDS = {
  /** Of a mount; for its sync interval also a path within it. */
  path: PATH,
  readOnly: optionally(YES_OR_NO),
  profile: optionally(PROFILE),
  syncIntervalMs: optionally(INTERVAL),
  options: optionally(OPTIONS),
};

/** Changes what is given of a mount, or the sync interval of a path within one; the id of the mount. */
export const updateMount = defineOperation('updateMount', 11, FIELDS, {
  paths: () => [],
  alone: true,
  apply({ mounts }, { path, readOnly, profile, syncIntervalMs, options }) {
    const fault = pathFault(path);
    if (fault !== undefined) return failure(fault, path);
    const mount = mounts.of(path);
    if (mount === undefined) return failure('NOT_MOUNTED', path);
    if (mount.path === path) {
      if (syncIntervalMs === 'inherit') return failure('NOT_MOUNTED', path);
      mounts.put({
        ...mount,
        readOnly: readOnly ?? mount.readOnly,
        profile: profile ?? mount.profile,
        syncIntervalMs: syncIntervalMs ?? mount.syncIntervalMs,
        options: options ?? mount.options,
      });
      return mount.id;
    }
    const ofMounts = [readOnly, profile, options].some((given) => given !== undefined);
    if (syncIntervalMs === undefined || ofMounts) return failure('NOT_MOUNTED', path);
    const intervals = intervalsWith(mount, path, syncIntervalMs);
    if (intervals.length > MAX_PATH_INTERVALS) {
      return failure('MOUNT_BUSY', path, `${MAX_PATH_INTERVALS} paths have intervals already`);
    }
    mounts.put({ ...mount, intervals });
    return mount.id;
  },
});

function intervalsWith(
  { intervals }: Mount,
  path: ByteString,
  interval: number | 'inherit',
): Mount['intervals'] {
  const others = intervals.filter(([each]) => each !== path);
  return interval === 'inherit' ? others : [...others, [path, interval]];
}
