import { GROUP } from '../core/group.js';

/** What all paths of a cluster's snapshots begin with, on any member's http endpoint. */
const ROOT = '/raft/1';

/** Names of query parameters. */
export const INDEX_PARAMETER = 'index';
export const DOUBTED_PARAMETER = 'doubted';

/** The type of a manifest's, and a snapshot's, bytes. */
export const SNAPSHOT_TYPE = 'application/vnd.raft-ts.snapshot';

export function snapshotsPath(clusterId: string): string {
  return `${ROOT}/${encodeURIComponent(clusterId)}/${GROUP}/snapshots`;
}

/** What a path asks for: `cluster` and `group` as they stand there. Undefined for no such path. */
export function parseSnapshotPath(
  path: string,
): { readonly clusterId: string; readonly group: string; readonly rest: string } | undefined {
  const match = /^\/raft\/1\/([^/]*)\/([^/]*)\/snapshots\/([^/]+(?:\/manifest)?)$/.exec(path);
  const [, cluster, group, rest] = match ?? [];
  if (cluster === undefined || group === undefined || rest === undefined) return undefined;
  try {
    return { clusterId: decodeURIComponent(cluster), group, rest };
  } catch {
    return undefined;
  }
}
