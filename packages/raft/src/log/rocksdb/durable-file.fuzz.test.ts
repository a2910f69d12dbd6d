import { crc32 } from 'node:zlib';
import { fuzzBytes } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { decodeRecord } from './durable-file.js';

/** Gives a file the checksum that fits its first line. */
function repair(bytes: Buffer): Buffer {
  const json = bytes.subarray(0, Math.max(0, bytes.indexOf('\n')));
  const checksum = crc32(json).toString(16).padStart(8, '0');
  return Buffer.concat([json, Buffer.from(`\ncrc32 ${checksum}\n`)]);
}

it('small-files', async () => {
  const report = await fuzzBytes({
    name: 'small-files',
    corpus: [
      '{"format":3,"clusterId":"c","memberId":1}\n',
      '{"format":1,"clusterId":"höst \\"x\\"","hasServed":true}\n',
    ].map((text) => repair(Buffer.from(text))),
    decode: decodeRecord,
    isRefusal: () => false,
    repair,
    check: (decoded) => expect(typeof decoded).toBe('object'),
  });
  console.log(report.line);
});
