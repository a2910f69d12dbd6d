import { open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { hasCode } from '../../rocksdb/caught-error.js';

/** Puts a file into `directory` as a whole: under another name first, synced, then renamed. */
export async function writeDurably(
  directory: string,
  name: string,
  content: Uint8Array,
): Promise<void> {
  const path = join(directory, name);
  await writeFile(`${path}.new`, content, { flush: true });
  await rename(`${path}.new`, path);
  await syncDirectory(directory);
}

/** Makes names in `directory` durable. */
export async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, 'r');
  await handle.sync();
}

/** What a small file holds: values that JSON has. */
export type FileRecord = Readonly<Record<string, unknown>>;

/** A file does not hold what was written to it. */
export class FileDamaged extends Error {
  override readonly name = 'FileDamaged';
}

/** Puts `record` into a file as JSON with a checksum. Durable when it resolves. */
export async function writeRecord(
  directory: string,
  name: string,
  record: FileRecord,
): Promise<void> {
  await writeDurably(directory, name, withChecksum(JSON.stringify(record)));
}

/**
 * What `writeRecord` wrote; undefined when there is no such file. Throws FileDamaged. Of a file that
 * has `formatVersion` and no checksum it is the format alone: another version wrote that one.
 */
export async function readRecord(path: string): Promise<FileRecord | undefined> {
  let bytes: Buffer;
  try {
    // Reading a FIFO or a device might never end.
    if (!(await stat(path)).isFile()) throw new FileDamaged(`${path} is no file`);
    bytes = await readFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const record = decodeRecord(bytes) ?? withoutChecksum(bytes.toString());
  if (record === undefined) throw new FileDamaged(`${path} fails its checksum`);
  return record;
}

/** Undefined for anything that `writeRecord` would not write. */
export function decodeRecord(bytes: Buffer): FileRecord | undefined {
  const json = bytes.toString('utf8', 0, Math.max(0, bytes.indexOf('\n')));
  if (!withChecksum(json).equals(bytes)) return undefined;
  return parseObject(json);
}

function withoutChecksum(json: string): FileRecord | undefined {
  const format = parseObject(json)?.formatVersion;
  return typeof format === 'number' ? { format } : undefined;
}

function parseObject(json: string): FileRecord | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** A line of JSON, and one with the CRC-32 of its bytes. */
function withChecksum(json: string): Buffer {
  const checksum = crc32(json).toString(16).padStart(8, '0');
  return Buffer.from(`${json}\ncrc32 ${checksum}\n`);
}
