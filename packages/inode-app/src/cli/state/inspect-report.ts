import type { Membership, SnapshotManifest } from 'raft-ts';
import { allMembers, committedMembership, entryBytes } from 'raft-ts/core';
import type { UnchangedLog } from 'raft-ts/rocksdb';
import { displayMessage } from '../../display-names.js';
import { count, counted } from '../load/load-summary.js';
import type { StoredState } from './stored-state.js';

/** What a backup says of itself. */
export function fileReport(path: string, manifest: SnapshotManifest, verified: boolean) {
  const { header, extent, fileBytes, id } = manifest;
  const { index, term, membership } = header.base;
  return {
    kind: 'backup',
    path,
    id,
    clusterId: header.clusterId,
    application: header.application,
    index,
    term,
    membership,
    rows: extent.rows,
    blocks: extent.blocks,
    bytes: fileBytes,
    digest: extent.digest.toString('hex'),
    verified,
  } as const;
}

export function fileText(report: ReturnType<typeof fileReport>): readonly string[] {
  const { path, clusterId, application, index, term, rows, bytes, digest, verified } = report;
  return [
    `${displayMessage(path)}: a backup of cluster ${displayMessage(clusterId)}`,
    `as of entry ${index} of term ${term}; ${application.name}, version ${application.version}`,
    ...membershipText(report.membership),
    `${count(rows)} rows in ${count(report.blocks)} blocks, ${count(bytes)} bytes, SHA-256 chain ${digest}`,
    verified ? 'All checksums fit.' : 'Header and end fit; --verify checks all of it.',
  ];
}

/** What a stopped member's directory holds. */
export function directoryReport(
  path: string,
  log: UnchangedLog,
  stored: StoredState | undefined,
  verified: { readonly rows: number; readonly digest: string } | undefined,
) {
  const { base, lastIndex, hardState } = log.state;
  let bytes = 0;
  for (const entry of log.entries(base.index + 1, lastIndex)) bytes += entryBytes(entry);
  return {
    kind: 'member',
    path,
    ...log.identity,
    format: log.format,
    log: {
      firstIndex: base.index + 1,
      lastIndex,
      baseTerm: base.term,
      bytes,
      ...hardState,
    },
    membership: committedMembership(log.state),
    tree: stored ?? null,
    verified: verified ?? null,
  } as const;
}

export function directoryText(report: ReturnType<typeof directoryReport>): readonly string[] {
  const { path, clusterId, memberId, format, log, tree, verified } = report;
  const entries = entriesText(log.firstIndex, log.lastIndex);
  return [
    `${displayMessage(path)}: member ${memberId} of cluster ${displayMessage(clusterId)}, format ${format}`,
    `log: ${entries}, ${count(log.bytes)} bytes; term ${log.term}, voted for ${log.votedFor}, commit ${log.commit}`,
    ...(log.recovery === 0 ? [] : ['it has to be brought up to date by the others']),
    ...membershipText(report.membership),
    tree === null ? 'no tree' : treeText(tree),
    verified === null
      ? 'All entries fit; --verify reads the tree too.'
      : `All checksums fit: ${count(verified.rows)} rows, SHA-256 ${verified.digest}`,
  ];
}

/** How large the tree is, and what its store takes: that is more than nothing for an empty tree, too. */
function treeText({ appliedIndex, storeBytes, ...tree }: StoredState): string {
  const directories = counted(tree.directories, 'directory', 'directories');
  const files = counted(tree.files, 'file', 'files');
  const links = counted(tree.symbolicLinks, 'symbolic link', 'symbolic links');
  return (
    `tree: as of entry ${appliedIndex}, ${directories}, ${files}, ${links}; its store takes ` +
    `${count(storeBytes)} bytes on the disk`
  );
}

/** Which entries a log holds. */
export function entriesText(firstIndex: number, lastIndex: number): string {
  return lastIndex < firstIndex
    ? `no entries behind ${lastIndex}`
    : `entries ${firstIndex} to ${lastIndex}`;
}

function membershipText({ configuration, endpoints, index }: Membership): readonly string[] {
  const members = allMembers(configuration).map((id) => {
    const role = configuration.learners.includes(id) ? ' (learner)' : '';
    const { member, client, http } = endpoints[id] ?? {};
    const reached = [member, client, http].filter((each) => each !== undefined).join('/');
    return `${id}${reached === '' ? '' : `=${reached}`}${role}`;
  });
  return [`members as of entry ${index}: ${members.join(', ') || 'none'}`];
}
