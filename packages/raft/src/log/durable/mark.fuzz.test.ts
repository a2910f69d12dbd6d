import { crc32 } from 'node:zlib';
import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { isRaftError } from '../../errors.js';
import { decodeMark, encodeMark, MARK_BYTES, type Mark } from './mark.js';

it('marks', async () => {
  const marks: readonly Mark[] = [
    { term: 0, votedFor: 0, recovery: 0, lastIndex: 0, lastTerm: 0 },
    { term: 7, votedFor: 3, recovery: 9, lastIndex: 100, lastTerm: 5 },
    { term: 2 ** 50, votedFor: 2 ** 32 - 1, recovery: 2 ** 47, lastIndex: 2 ** 52, lastTerm: 1 },
  ];
  const checked = MARK_BYTES - 4;
  const report = await fuzzBytes({
    name: 'marks',
    corpus: marks.map((mark, i) => encodeMark(i, mark)),
    decode: decodeMark,
    isRefusal: (error) => isRaftError(error, 'LOG_FOREIGN'),
    repair: (bytes) => {
      if (bytes.byteLength >= MARK_BYTES) {
        bytes.writeUInt32BE(crc32(bytes.subarray(0, checked)), checked);
      }
      return bytes;
    },
    check: (decoded, bytes) => {
      const { sequence, mark } = decoded as { sequence: number; mark: Mark };
      for (const field of [sequence, ...Object.values(mark)]) {
        expect(Number.isSafeInteger(field)).toBe(true);
      }
      expect(encodeMark(sequence, mark)).toEqual(bytes.subarray(0, MARK_BYTES));
    },
  });
  console.log(report.line);
});
