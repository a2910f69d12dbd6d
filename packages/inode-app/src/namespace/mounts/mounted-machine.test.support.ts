import { TreeCheck } from '../../store/check/tree-check.js';
import { MemoryRows } from '../../store/memory-rows.js';
import { NamespaceMachine } from '../../store/namespace-machine.js';
import { encodeCommand } from '../operations/command-codec.js';
import type { NamespaceCommand, Operation, OperationOf } from '../operations/operation-table.js';
import { type AppliedResult, begunIntent } from '../operations/result.js';
import type { SyncChange } from '../operations/sync-entries.js';
import { NO_ATTRIBUTES } from '../tree/attributes.js';
import { byteString, NO_BYTES } from '../tree/byte-string.js';
import { InodeType } from '../tree/inode.js';
import type { InodeRecord } from '../tree/inode-record.js';
import { Place, walkPath } from '../tree/path-walk.js';
import type { FoundEntry } from './found-entry.js';
import type { MountState } from './mount-state.js';

const ALL_ROWS = { gte: Buffer.alloc(0), lt: Buffer.alloc(8, 0xff), pageRows: 1000 };

/** A machine on rows in memory that is given commands as a log gives them. */
export class MountedMachine {
  readonly rows: MemoryRows;
  machine: NamespaceMachine;
  #index = 0;

  private constructor(rows: MemoryRows, machine: NamespaceMachine) {
    this.rows = rows;
    this.machine = machine;
  }

  static async open(): Promise<MountedMachine> {
    const rows = new MemoryRows();
    return new MountedMachine(rows, await openIn(rows));
  }

  get mounts(): MountState {
    return this.machine.tree.mounts;
  }

  /** The results of a command that has been on the wire. */
  command(command: NamespaceCommand): readonly AppliedResult[] {
    const parsed = this.machine.parseCommand(encodeCommand(command));
    this.#index += 1;
    const wallMs = this.#index * 1000;
    const results = this.machine.apply(parsed, { index: this.#index, logTimeMs: 0, wallMs });
    return results as readonly AppliedResult[];
  }

  apply(operation: Operation): AppliedResult {
    return this.command([operation])[0] ?? 0;
  }

  /** The id of the intent that an operation begins. */
  begin(operation: Operation): number {
    const result = this.apply(operation);
    const id = begunIntent(result);
    if (id === undefined) throw new Error(`it began nothing: ${JSON.stringify(result)}`);
    return id;
  }

  finish(intent: number, ...found: readonly FoundEntry[]): AppliedResult {
    const { epoch } = this.mounts;
    return this.apply({ kind: 'finishIntent', intent, epoch, found, refusal: undefined });
  }

  sync(path: string, changes: readonly SyncChange[], complete = true): AppliedResult {
    const { epoch, ended } = this.mounts;
    const directory = this.inode(path)?.id ?? 0;
    const at = { path: byteString(path), directory, epoch, ended };
    return this.apply({ kind: 'syncEntries', ...at, changes, complete });
  }

  /** Has a directory of a mount hold what its storage holds. */
  appear(path: string, ...names: readonly string[]): void {
    const changes = names.map((name) => {
      const isDirectory = name.endsWith('/');
      const called = byteString(isDirectory ? name.slice(0, -1) : name);
      return { name: called, had: 0, found: isDirectory ? DIRECTORY_FOUND : FILE_FOUND };
    });
    this.sync(path, changes);
  }

  inode(path: string): InodeRecord | undefined {
    const place = walkPath(this.machine.tree, byteString(path));
    return place instanceof Place ? place.inode : undefined;
  }

  commit(): void {
    this.machine.commit(this.#index, []);
  }

  /** As after a restart. */
  async reopen(): Promise<void> {
    this.commit();
    this.machine = await openIn(this.rows);
  }

  reclaimAll(): void {
    for (let work = this.machine.pendingWork(); work !== undefined; ) {
      this.command(this.machine.parseCommand(work));
      this.commit();
      work = this.machine.pendingWork();
    }
  }

  /** What is wrong with its rows. */
  async problems(): Promise<readonly string[]> {
    this.commit();
    const check = new TreeCheck(new MemoryRows());
    const range = this.rows.range(ALL_ROWS);
    while (!range.finished) {
      for (const { key, value } of range.nextPageSync()) check.add(key, value);
    }
    const { problems } = await check.end({ expectedIndex: this.#index });
    return [...problems.map(({ kind, message }) => `${kind}: ${message}`), ...this.#lostMounts()];
  }

  /** Mounts whose directories are elsewhere. */
  #lostMounts(): readonly string[] {
    return Array.from(this.mounts.all()).flatMap(({ id, path }) => {
      const inode = this.inode(path);
      const isThere = inode?.type === InodeType.Directory && inode.mounted?.mount === id;
      return isThere ? [] : [`mount ${id} is not at ${path}`];
    });
  }
}

function openIn(rows: MemoryRows): Promise<NamespaceMachine> {
  return NamespaceMachine.open({ rows, absenceFilterBytes: 64 });
}

export const FILE_FOUND: FoundEntry = {
  type: InodeType.File,
  mode: undefined,
  owner: undefined,
  group: undefined,
  size: 3,
  modifiedMs: 5,
  target: NO_BYTES,
  fingerprint: byteString('one'),
};
export const DIRECTORY_FOUND: FoundEntry = {
  ...FILE_FOUND,
  type: InodeType.Directory,
  size: 0,
  fingerprint: NO_BYTES,
};

export function mount(
  path: string,
  given: Partial<OperationOf<'mount'>> = {},
): OperationOf<'mount'> {
  return {
    kind: 'mount',
    path: byteString(path),
    uri: byteString(`mem:${path}`.slice(0, 4096)),
    place: byteString(`mem:${path}`.slice(0, 4096)),
    profile: NO_BYTES,
    readOnly: false,
    shared: true,
    syncIntervalMs: 0,
    options: [],
    ...given,
  };
}

export function unmount(path: string, force = false): OperationOf<'unmount'> {
  return { kind: 'unmount', path: byteString(path), force };
}

export function mkdir(path: string, parents = false): OperationOf<'mkdir'> {
  return { kind: 'mkdir', path: byteString(path), parents, attributes: NO_ATTRIBUTES };
}

export function create(path: string): OperationOf<'create'> {
  return { kind: 'create', path: byteString(path), attributes: NO_ATTRIBUTES };
}

export function complete(path: string, size = 3, fingerprint = ''): OperationOf<'complete'> {
  return {
    kind: 'complete',
    path: byteString(path),
    size,
    fingerprint: byteString(fingerprint),
  };
}

export function remove(path: string, recursive = false): OperationOf<'delete'> {
  return { kind: 'delete', path: byteString(path), recursive };
}

export function rename(source: string, destination: string): OperationOf<'rename'> {
  return { kind: 'rename', source: byteString(source), destination: byteString(destination) };
}

export function update(
  path: string,
  given: Partial<OperationOf<'updateMount'>> = {},
): OperationOf<'updateMount'> {
  return { kind: 'updateMount', path: byteString(path), ...given };
}
