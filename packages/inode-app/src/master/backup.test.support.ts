import type { SnapshotHeader, SnapshotManifest } from 'raft-ts';
import { EMPTY_CONFIGURATION, EMPTY_MEMBERSHIP } from 'raft-ts/core';
import { RocksDatabase, RocksSnapshotRows } from 'raft-ts/rocksdb';
import { encodeCommand } from '../namespace/operations/command-codec.js';
import type { NamespaceCommand } from '../namespace/operations/operation-table.js';
import { NO_ATTRIBUTES } from '../namespace/tree/attributes.js';
import { byteString } from '../namespace/tree/byte-string.js';
import { NamespaceMachine } from '../store/namespace-machine.js';
import { TREE_APPLICATION } from '../store/tree-application.js';

export const makes = (path: string): NamespaceCommand => [
  { kind: 'mkdir', path: byteString(path), parents: true, attributes: NO_ATTRIBUTES },
];
export const makesFile = (path: string): NamespaceCommand => [
  { kind: 'create', path: byteString(path), attributes: NO_ATTRIBUTES },
];

/** Makes a tree in `directory`, and of it the backup `file`. */
export async function makeBackup(
  directory: string,
  file: string,
  commands: readonly NamespaceCommand[],
  more: Partial<SnapshotHeader> = {},
): Promise<SnapshotManifest> {
  await using database = await RocksDatabase.open({ directory });
  const machine = await NamespaceMachine.open({ rows: database });
  let index = 1;
  for (const command of commands) {
    index += 1;
    const parsed = machine.parseCommand(encodeCommand(command));
    machine.apply(parsed, { index, logTimeMs: index, wallMs: index });
    machine.commit(index, []);
  }
  const membership = {
    ...EMPTY_MEMBERSHIP,
    index: 1,
    configuration: { ...EMPTY_CONFIGURATION, voters: [1, 2, 3] },
  };
  const header: SnapshotHeader = {
    clusterId: 'former',
    group: 0,
    base: { index, term: 4, membership },
    application: TREE_APPLICATION,
    contents: 'rows',
    ...more,
  };
  await using rows = await RocksSnapshotRows.start(database);
  await using state = await rows.hold(header.base);
  return await state.write(file, header, { signal: new AbortController().signal });
}
