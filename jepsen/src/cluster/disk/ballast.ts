import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { hostCommandProblem } from '../host-command.js';

const BLOCK_BYTES = 4_096;
/** A member may write meanwhile, and the file system takes some for itself. */
const MAX_ROUNDS = 20;

/** Takes the space of the file system in which this file lies until so many bytes are free at most. */
export async function growBallast(file: string, freeBytes: number): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const descriptor = openSync(file, 'a');
    const { size } = fstatSync(descriptor);
    closeSync(descriptor);
    const surplus = freeBytesAt(file) - freeBytes;
    if (surplus < BLOCK_BYTES) break;
    // All at first, then less: not all that is free can be had in one piece.
    const length = Math.max(BLOCK_BYTES, Math.floor(surplus / 2 ** round));
    await hostCommandProblem('fallocate', '--offset', `${size}`, '--length', `${length}`, file);
  }
  if (freeBytes === 0) fillUp(file);
}

export function removeBallast(file: string): void {
  rmSync(file, { force: true });
}

function freeBytesAt(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** To the last block that can be had. */
function fillUp(file: string): void {
  const descriptor = openSync(file, 'a');
  try {
    for (;;) {
      writeSync(descriptor, Buffer.alloc(BLOCK_BYTES));
      fdatasyncSync(descriptor);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    closeSync(descriptor);
  }
}
