import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { type SelectedRange, selectRange } from './byte-range.js';

it('byte-ranges', async () => {
  const lengthBytes = 1_000;
  const report = await fuzzBytes({
    name: 'byte-ranges',
    corpus: ['bytes=0-', 'bytes=-5', 'bytes=10-19', 'bytes=999-1234567'].map(Buffer.from),
    decode: (bytes) => {
      const selected = selectRange({ range: bytes.toString('latin1') }, lengthBytes, '"a"');
      return selected.status === 200 ? undefined : selected;
    },
    isRefusal: () => false,
    check: (decoded) => {
      const selected = decoded as SelectedRange;
      if (selected.status !== 206) return expect(selected.status).toBe(416);
      expect(selected.first).toBeLessThanOrEqual(selected.last);
      expect(selected.last).toBeLessThan(lengthBytes);
    },
  });
  console.log(report.line);
});
