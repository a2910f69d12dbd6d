import type { Cluster } from '../../cluster/cluster.js';
import { JepsenError } from '../../errors.js';
import { minorityOf } from '../victims.js';

/** Why files are not damaged in this cluster: it must be left a majority that is whole. */
export function damageUnavailable({ members }: Cluster): string | undefined {
  return minorityOf(members.length) === 0
    ? `files are damaged of a minority only, and of ${members.length} members that is none`
    : undefined;
}

export function directoryOf({ members }: Cluster, id: number): string {
  const member = members.find((place) => place.id === id);
  if (member === undefined) throw new JepsenError('CLUSTER_FAILED', `there is no member ${id}`);
  return member.directory;
}
