import { decodeValue } from '@raft-ts/net';
import { dataCorrupt } from '../errors.js';
import {
  MountRecord,
  type MountRecordChange,
  MountState,
} from '../namespace/mounts/mount-state.js';
import type { OrderedRows } from './ordered-rows.js';
import { MOUNT_ROWS, readNumber, writeMountKey } from './row-keys.js';
import type { RowWriter } from './row-writer.js';

const PAGE_ROWS = 1000;
/** Kind of row, kind of record, and the number in seven. */
const KEY_BYTES = 9;
const RECORDS = new Set<number>(Object.values(MountRecord));

/** The key of a record about mounts. */
export function mountRecordKey(writer: RowWriter, { record, number }: MountRecordChange): Buffer {
  return writeMountKey(writer, record, number);
}

/** What rows hold of mounts. Rejects with DATA_CORRUPT. */
export async function loadMounts(rows: OrderedRows): Promise<MountState> {
  const mounts = new MountState();
  const range = rows.range({ ...MOUNT_ROWS, pageRows: PAGE_ROWS });
  try {
    while (!range.finished) {
      for (const { key, value } of await range.nextPage()) loadMountRow(mounts, key, value);
    }
  } finally {
    range.close();
  }
  return mounts;
}

/** Takes a row about mounts. Throws DATA_CORRUPT for one that can't be. */
export function loadMountRow(mounts: MountState, key: Buffer, value: Buffer): void {
  const record = key[1];
  if (key.length !== KEY_BYTES || record === undefined || !RECORDS.has(record)) {
    throw dataCorrupt(`a record about mounts under a key of ${key.length} bytes`);
  }
  mounts.load(record as MountRecord, readNumber(key.subarray(1)), decoded(value));
}

/** Whether what a row says about mounts counts in a cluster that begins with a backup. */
export function outlivesCluster(key: Buffer): boolean {
  return key[1] !== MountRecord.Intent && key[1] !== MountRecord.Outcome;
}

function decoded(value: Buffer) {
  try {
    return decodeValue(value);
  } catch (cause) {
    throw dataCorrupt(`a record about mounts that can't be read (${String(cause)})`);
  }
}
