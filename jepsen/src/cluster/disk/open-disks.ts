import type { MachineRecord } from '../leftovers.js';
import { DirectoryDisks } from './directories.js';
import type { DiskKind, MemberDisks } from './member-disk.js';

export interface DiskOptions {
  /** By the members' ids: they are there, and empty. */
  readonly directories: ReadonlyMap<number, string>;
  /** Of each file system. */
  readonly bytes: number;
  /** For what is no member's. */
  readonly scratchDirectory: string;
  readonly record: MachineRecord;
}

export async function openDisks(_kind: DiskKind, _options: DiskOptions): Promise<MemberDisks> {
  return new DirectoryDisks();
}
