import { crc32 } from 'node:zlib';
import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { isRaftError } from '../../errors.js';
import { EMPTY_MARK, encodeMark, MARK_BYTES, type Mark } from './mark.js';
import { MarkFile, type MarkStorage, markIn, newMarkFile } from './mark-file.js';

const CHECKED_BYTES = MARK_BYTES - 4;
const FILE_BYTES = newMarkFile().byteLength;
const SECOND_SLOT = FILE_BYTES - MARK_BYTES;

/** Both slots as one input, without what lies between them, as the file that holds them. */
function fileOf(slots: Buffer): Buffer {
  if (slots.byteLength <= MARK_BYTES) return slots;
  const between = Buffer.alloc(SECOND_SLOT - MARK_BYTES);
  return Buffer.concat([slots.subarray(0, MARK_BYTES), between, slots.subarray(MARK_BYTES)]);
}

/** A file that is read only. */
function storageOf(content: Buffer): MarkStorage {
  return {
    read: (offset, lengthBytes) => content.subarray(offset, offset + lengthBytes),
    write: () => {},
    sync: () => {},
    syncInBackground: (done) => done(undefined),
    close: () => {},
  };
}

function repair(slots: Buffer): Buffer {
  for (let end = MARK_BYTES; end <= slots.byteLength; end += MARK_BYTES) {
    const start = end - MARK_BYTES;
    const checked = start + CHECKED_BYTES;
    slots.writeUInt32BE(crc32(slots.subarray(start, checked)), checked);
  }
  return slots;
}

it('mark-files', async () => {
  const earlier: Mark = { term: 7, votedFor: 3, recovery: 9, lastIndex: 100, lastTerm: 5 };
  const later: Mark = { ...earlier, term: 2 ** 50, lastIndex: 2 ** 52 };
  const slots = (...encoded: readonly Buffer[]) => Buffer.concat(encoded);
  const report = await fuzzBytes({
    name: 'mark-files',
    corpus: [
      slots(encodeMark(1, EMPTY_MARK), encodeMark(0, EMPTY_MARK)),
      slots(encodeMark(9, earlier), encodeMark(10, later)),
      slots(encodeMark(11, later), encodeMark(10, earlier)),
      // A slot that was torn, and a file that lost its end.
      slots(encodeMark(9, earlier), Buffer.alloc(MARK_BYTES, 7)),
      encodeMark(9, earlier),
    ],
    decode: (bytes) => markIn(fileOf(bytes)),
    isRefusal: (error) => isRaftError(error, 'LOG_FOREIGN'),
    repair,
    check: (decoded, bytes) => {
      const mark = decoded as Mark;
      for (const field of Object.values(mark)) expect(Number.isSafeInteger(field)).toBe(true);
      // Who looks at a stopped member sees what its start would.
      expect(mark).toEqual(MarkFile.open(storageOf(fileOf(bytes)))?.mark);
    },
  });
  console.log(report.line);
});
