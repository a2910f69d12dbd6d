import fc from 'fast-check';
import type { FuzzValue } from './mutate-value.js';

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(1.5, -1, 2 ** 40),
  fc.double({ noNaN: true }).filter((n) => !Object.is(n, -0)),
);
const text = fc.string({ unit: 'grapheme', maxLength: 80 });

/** Any value that MessagePack carries without a change, nested a few levels. */
export const { value: arbitraryValue } = fc.letrec<{ value: FuzzValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      tie('value'),
      { maxKeys: 20, noNullPrototype: true },
    ),
  ),
}));
