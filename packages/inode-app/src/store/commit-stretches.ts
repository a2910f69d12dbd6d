import { dataCorrupt, dataForeign } from '../errors.js';
import type { OrderedRows } from './ordered-rows.js';
import { COMMIT_ROWS, RowKind, readNumber, writeNumberedKey } from './row-keys.js';
import { RowReader } from './row-reader.js';
import type { RowWriter } from './row-writer.js';

/**
 * Which commits are in the rows: a row for each stretch of them, first index → last index, written
 * with every commit. A database whose list of files is cut short, or an older one, opens as if it were
 * whole: it removes the files that the list does not name, and still has what was written later.
 * The stretches that such files held are missing then, or end too early.
 *
 * So no file may hold the middle of a stretch alone: a stretch is far smaller than what RocksDB gathers
 * for a file, and begins anew when the store is opened, as a file does.
 */
const STRETCH_BYTES = 256 * 1024;
const FORMAT = 1;
const PAGE_ROWS = 10_000;

/** Extends the last stretch, or begins one. */
export class CommitStretches {
  #first: number;
  #bytes = 0;

  constructor(appliedIndex: number) {
    this.#first = appliedIndex + 1;
  }

  /** The row that says that a commit of so many bytes, up to `appliedIndex`, is there. */
  row(
    key: RowWriter,
    value: RowWriter,
    appliedIndex: number,
    bytes: number,
  ): readonly [key: Buffer, value: Buffer] {
    const row = [
      writeNumberedKey(key, RowKind.Commits, this.#first),
      writeCommits(value, appliedIndex),
    ] as const;
    this.#bytes += bytes;
    if (this.#bytes >= STRETCH_BYTES) {
      this.#first = appliedIndex + 1;
      this.#bytes = 0;
    }
    return row;
  }
}

/** Throws DATA_CORRUPT unless all commits from the first on to `appliedIndex` are there. */
export async function checkCommits(rows: OrderedRows, appliedIndex: number): Promise<void> {
  const reader = new RowReader();
  const range = rows.range({ ...COMMIT_ROWS, pageRows: PAGE_ROWS });
  let last = 0;
  try {
    while (!range.finished) {
      for (const { key, value } of await range.nextPage()) {
        const first = readNumber(key);
        if (first !== last + 1) throw missing(last, first - 1);
        last = readCommits(reader, value);
      }
    }
  } finally {
    range.close();
  }
  if (last !== appliedIndex) throw missing(last, appliedIndex);
}

/** Writes the value of a stretch's row. */
export function writeCommits(writer: RowWriter, last: number): Buffer {
  return writer.start().byte(FORMAT).number(last).bytes();
}

/** The last commit of a stretch, by its row's value; throws InodeAppError. */
export function readCommits(reader: RowReader, value: Buffer): number {
  const format = reader.start(value).byte();
  if (format !== FORMAT) throw dataForeign('commits', format);
  const last = reader.number();
  reader.end();
  return last;
}

function missing(last: number, end: number) {
  return dataCorrupt(`what follows entry ${end}, and lacks what lies behind entry ${last}`);
}
