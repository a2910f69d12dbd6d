import { arbitraryValue, fuzzBytes, fuzzOptions } from '@raft-ts/fuzz';
import fc from 'fast-check';
import { it } from 'vitest';
import { decodeValue, encodeValue } from './value-codec.js';

it('stored-values', async () => {
  const options = fuzzOptions();
  const report = await fuzzBytes(
    {
      name: 'stored-values',
      corpus: fc
        .sample(arbitraryValue, { seed: options.seed, numRuns: 200 })
        .map((value) => Buffer.from(encodeValue(value))),
      decode: (bytes) => ({ value: decodeValue(bytes) }),
      isRefusal: (error) => error instanceof Error,
    },
    options,
  );
  console.log(report.line);
});
