import { dataCorrupt, dataForeign } from '../errors.js';
import { type EdgeKey, edgeFromRow } from '../namespace/tree/edge.js';
import type { RowWriter } from './row-writer.js';

/** First byte of the value; the edge key is all the rest. */
const FORMAT = 1;

/** Writes the value of a location row: where an inode hangs. */
export function writeLocation(writer: RowWriter, edge: EdgeKey): Buffer {
  return writer.start().byte(FORMAT).raw(edge).bytes();
}

/** Reads it; throws InodeAppError DATA_FOREIGN or DATA_CORRUPT. */
export function readLocation(bytes: Buffer): EdgeKey {
  const format = bytes[0];
  if (format !== undefined && format !== FORMAT) throw dataForeign('location', format);
  const edge = edgeFromRow(bytes, 1);
  if (edge === undefined) throw dataCorrupt(`a location row of ${bytes.length} bytes`);
  return edge;
}
