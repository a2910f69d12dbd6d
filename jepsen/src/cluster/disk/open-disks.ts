import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryDisks } from './directories.js';
import type { DiskKind, MemberDisks } from './member-disk.js';
import { type MountedDiskOptions, MountedDisks } from './mounted-disks.js';

/** Disks, and where on them each member's data lies. */
export interface PlacedDisks {
  readonly disks: MemberDisks;
  directoryOf(id: number): string;
}

/** Each member's data lies in `data` below its directory of these, whatever disks there are. */
export async function openDisks(kind: DiskKind, options: MountedDiskOptions): Promise<PlacedDisks> {
  const { mountPoints } = options;
  for (const path of mountPoints.values()) mkdirSync(path, { recursive: true });
  if (kind !== 'directories') {
    const disks = await MountedDisks.open(kind, options);
    return { disks, directoryOf: (id) => disks.directoryOf(id) };
  }
  const directoryOf = (id: number): string => join(mountPoints.get(id) ?? '', 'data');
  for (const id of mountPoints.keys()) mkdirSync(directoryOf(id), { recursive: true });
  return { disks: new DirectoryDisks(), directoryOf };
}
