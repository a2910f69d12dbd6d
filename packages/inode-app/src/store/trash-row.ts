import { dataCorrupt, dataForeign } from '../errors.js';
import { ROOT_ID } from '../namespace/tree/inode.js';
import type { TrashedDirectory } from '../namespace/tree/inode-store.js';
import type { RowReader } from './row-reader.js';
import type { RowWriter } from './row-writer.js';

/** First byte of the value; then the directory's id and the last name given back. */
const FORMAT = 1;

/** Writes the value of a trash row. */
export function writeTrashed(writer: RowWriter, trashed: TrashedDirectory): Buffer {
  return writer.start().byte(FORMAT).number(trashed.id).string(trashed.after).bytes();
}

/** Reads it; ids from `nextId` on were never given. Throws InodeAppError. */
export function readTrashed(reader: RowReader, bytes: Buffer, nextId: number): TrashedDirectory {
  const format = reader.start(bytes).byte();
  if (format !== FORMAT) throw dataForeign('trash', format);
  const trashed = { id: reader.number(), after: reader.string() };
  reader.end();
  if (trashed.id > ROOT_ID && trashed.id < nextId) return trashed;
  throw dataCorrupt(`the inode id ${trashed.id} in the trash`);
}
