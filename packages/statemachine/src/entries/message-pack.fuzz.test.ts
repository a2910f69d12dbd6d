import { fuzzBytes, fuzzOptions } from '@raft-ts/fuzz';
import fc from 'fast-check';
import { it } from 'vitest';
import { decodeValue, encodeValue, isShallow } from './message-pack.js';

const { value: arbitraryValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(null, true, false, 1.5, 2 ** 40, ''),
    fc.integer(),
    fc.string(),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 8 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 8 },
    ),
  ),
}));

it('message-pack', async () => {
  const options = fuzzOptions();
  const report = await fuzzBytes(
    {
      name: 'message-pack',
      corpus: fc
        .sample(arbitraryValue, { seed: options.seed, numRuns: 200 })
        .map((value) => Buffer.from(encodeValue(value))),
      decode: (bytes) => ({ value: decodeValue(bytes) }),
      isRefusal: (error) => error instanceof Error,
      // Whatever it is can be looked through.
      check: (decoded) => void isShallow((decoded as { value: unknown }).value),
    },
    options,
  );
  console.log(report.line);
});
