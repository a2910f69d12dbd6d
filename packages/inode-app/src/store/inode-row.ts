import { dataCorrupt, dataForeign } from '../errors.js';
import { NO_BYTES } from '../namespace/tree/byte-string.js';
import { InodeType, isInodeType, type Mounted } from '../namespace/tree/inode.js';
import type { InodeRecord } from '../namespace/tree/inode-record.js';
import { recordFault } from '../namespace/tree/record-fault.js';
import { intern } from './intern.js';
import type { RowReader } from './row-reader.js';
import type { RowWriter } from './row-writer.js';

/**
 * The value of an inode's row. First byte: format in the high three bits, then flags, then the
 * type in the low two. Then numbers of seven bits a byte and strings with their length: id, mode,
 * size, |modifiedMs|, |accessedMs| unless it is the same, owner, group, and last, for a symbolic
 * link its target, for a directory its count of children. Format 2 is of inodes in mounts: behind all
 * that their mount, whether they are complete, and their fingerprint.
 */
const FORMAT = 1;
const MOUNTED_FORMAT = 2;
const FORMAT_SHIFT = 5;
const TYPE_MASK = 0b11;
const MODIFIED_NEGATIVE = 0b00100;
const ACCESSED_NEGATIVE = 0b01000;
const ACCESSED_SAME = 0b10000;

/** Bytes that an inode's row may have: two principals and a target of full length. */
export const MAX_INODE_ROW_BYTES = 8192;

/** Writes the value of an inode's row. */
export function writeInode(writer: RowWriter, inode: InodeRecord): Buffer {
  const { modifiedMs, accessedMs } = inode;
  const accessedSame = accessedMs === modifiedMs;
  writer
    .start()
    .byte(
      ((inode.mounted === undefined ? FORMAT : MOUNTED_FORMAT) << FORMAT_SHIFT) |
        (modifiedMs < 0 ? MODIFIED_NEGATIVE : 0) |
        (accessedMs < 0 ? ACCESSED_NEGATIVE : 0) |
        (accessedSame ? ACCESSED_SAME : 0) |
        inode.type,
    )
    .number(inode.id)
    .number(inode.mode)
    .number(inode.size)
    .number(Math.abs(modifiedMs));
  if (!accessedSame) writer.number(Math.abs(accessedMs));
  writer.string(inode.owner).string(inode.group);
  if (inode.type === InodeType.SymbolicLink) writer.string(inode.target);
  else if (inode.type === InodeType.Directory) writer.number(inode.children);
  if (inode.mounted !== undefined) writeMounted(writer, inode.mounted);
  return writer.bytes();
}

function writeMounted(writer: RowWriter, { mount, complete, fingerprint }: Mounted): void {
  writer
    .number(mount)
    .byte(complete ? 1 : 0)
    .string(fingerprint);
}

/** Reads it; ids from `nextId` on were never given. Throws InodeAppError. */
export function readInode(reader: RowReader, bytes: Buffer, nextId: number): InodeRecord {
  const head = reader.start(bytes).byte();
  const format = head >>> FORMAT_SHIFT;
  if (format !== FORMAT && format !== MOUNTED_FORMAT) throw dataForeign('inode', format);
  const type = head & TYPE_MASK;
  if (!isInodeType(type)) throw dataCorrupt(`an inode of type ${type}`);
  const id = reader.number();
  const mode = reader.number();
  const size = reader.number();
  const modified = reader.number();
  const modifiedMs = (head & MODIFIED_NEGATIVE) === 0 ? modified : -modified;
  const accessed = (head & ACCESSED_SAME) === 0 ? reader.number() : modified;
  const accessedMs = (head & ACCESSED_NEGATIVE) === 0 ? accessed : -accessed;
  const owner = intern(reader.string());
  const group = intern(reader.string());
  const target = type === InodeType.SymbolicLink ? reader.string() : NO_BYTES;
  const children = type === InodeType.Directory ? reader.number() : 0;
  const mounted = format === MOUNTED_FORMAT ? readMounted(reader) : undefined;
  reader.end();
  const inode = {
    id,
    type,
    mode,
    owner,
    group,
    size,
    modifiedMs,
    accessedMs,
    target,
    mounted,
    children,
  };
  const fault = recordFault(inode, nextId);
  if (fault !== undefined) throw dataCorrupt(fault);
  return inode;
}

function readMounted(reader: RowReader): Mounted {
  const mount = reader.number();
  const complete = reader.byte();
  if (complete > 1) throw dataCorrupt(`an inode that is ${complete} times complete`);
  return { mount, complete: complete === 1, fingerprint: reader.string() };
}
