import { createHash } from 'node:crypto';
import type { EndpointsByMember } from '../core/membership/endpoints.js';

/** How a cluster that is founded from a snapshot is called: a name, and what its founders agree on. */
const FORM = /^(.*)\.restored-([0-9a-f]{16})$/s;

/**
 * The id of a cluster that these members found from this snapshot: members only speak to others of their
 * own cluster's id, so those that began with another snapshot, or name other founders, never meet.
 * `name` may have been made by this function.
 */
export function restoredClusterId(
  name: string,
  snapshotId: string,
  founders: EndpointsByMember,
): string {
  const ascending = Object.entries(founders).sort(([a], [b]) => Number(a) - Number(b));
  const agreed = ascending.map(([id, { member, client, http }]) => [id, member, client, http]);
  const digest = createHash('sha256')
    .update(JSON.stringify([snapshotId, agreed]))
    .digest('hex');
  const [, given = name] = FORM.exec(name) ?? [];
  return `${given}.restored-${digest.slice(0, 16)}`;
}

/** Whether only members that were restored may found a cluster of this id. */
export function isRestoredClusterId(clusterId: string): boolean {
  return FORM.test(clusterId);
}
