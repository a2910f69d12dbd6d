import { crc32 } from 'node:zlib';
import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { TermRuns } from '../../core/log/term-runs.js';
import type { LogOutline } from '../log-outline.js';
import { decodeOutline, encodeOutline } from './outline-codec.js';

it('log-outlines', async () => {
  const outlines: readonly LogOutline[] = [
    {
      base: { index: 0, term: 0 },
      lastIndex: 1,
      termRuns: [{ index: 1, term: 1 }],
      sizes: [{ index: 1, bytes: 30 }],
      membershipIndexes: [1],
    },
    {
      base: { index: 2 ** 40, term: 2 ** 33 },
      lastIndex: 2 ** 40 + 9,
      termRuns: [
        { index: 2 ** 40 + 1, term: 2 ** 33 },
        { index: 2 ** 40 + 4, term: 2 ** 34 },
      ],
      sizes: [
        { index: 2 ** 40 + 1, bytes: 2 ** 18 },
        { index: 2 ** 40 + 7, bytes: 300 },
      ],
      membershipIndexes: [2 ** 40 + 4, 2 ** 40 + 8],
    },
  ];
  const report = await fuzzBytes({
    name: 'log-outlines',
    corpus: outlines.map((outline) => Buffer.from(encodeOutline(outline))),
    decode: decodeOutline,
    isRefusal: () => false,
    repair: (bytes) => {
      const checked = bytes.byteLength - 4;
      if (checked > 0) bytes.writeUInt32BE(crc32(bytes.subarray(0, checked)), checked);
      return bytes;
    },
    check: (decoded, bytes) => {
      const outline = decoded as LogOutline;
      const last = outline.termRuns.at(-1)?.term;
      expect(TermRuns.of(outline).termAt(outline.lastIndex)).toBe(last);
      expect(Buffer.from(encodeOutline(outline))).toEqual(bytes);
    },
  });
  console.log(report.line);
});
