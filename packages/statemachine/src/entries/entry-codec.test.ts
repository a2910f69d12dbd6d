import { decodeValue, encodeValue, type WireValue } from '@raft-ts/net';
import fc from 'fast-check';
import { InvariantBroken } from 'raft-ts';
import { describe, expect, it } from 'vitest';
import { defaultSessionLimits } from '../sessions/session-limits.js';
import { decodeEntry, type EntryItem, encodeEntry, encodeItem } from './entry-codec.js';

const aNumber = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const aCommand = fc.oneof(
  fc.string(),
  // MessagePack knows no -0.
  fc.double({ noNaN: true }).map((number) => number + 0),
  fc.constant(null),
  fc.array(fc.string()),
  fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.integer(),
    { noNullPrototype: true },
  ),
);
const anItem: fc.Arbitrary<EntryItem<WireValue>> = fc.oneof(
  fc.record({
    kind: fc.constant('command' as const),
    session: aNumber,
    sequence: aNumber,
    acknowledgedBelow: aNumber,
    command: aCommand,
  }),
  fc.record({ kind: fc.constant('open' as const), host: fc.string() }),
  fc.record({ kind: fc.constant('close' as const), session: aNumber }),
  fc.record({ kind: fc.constant('work' as const), command: aCommand }),
  fc.constant({ kind: 'limits', limits: defaultSessionLimits } as const),
);

function decode(data: Uint8Array) {
  return decodeEntry(7, data, (value) => value);
}

describe('entries', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(
        fc.array(anItem, { maxLength: 30 }),
        fc.double({ min: 0, max: 1e13, noNaN: true }),
        fc.double({ min: -1e13, max: 1e13, noNaN: true }),
        (items, logTimeMs, wallMs) => {
          const data = encodeEntry({ logTimeMs, wallMs }, items.map(encodeItem));
          const decoded = decode(data);
          expect(decoded.logTimeMs).toBe(logTimeMs);
          expect(decoded.wallMs).toBe(wallMs);
          expect(decoded.items).toEqual(items);
        },
      ),
    );
  });

  it('are MessagePack as anybody reads it', () => {
    const item = encodeItem({
      kind: 'command',
      session: 1024,
      sequence: 2,
      acknowledgedBelow: 1,
      command: ['put', 'a', 1],
    });
    expect(decodeValue(encodeEntry({ logTimeMs: 1234.5, wallMs: 5 }, [item, item]))).toEqual([
      1,
      1234.5,
      5,
      [
        [0, 1024, 2, 1, ['put', 'a', 1]],
        [0, 1024, 2, 1, ['put', 'a', 1]],
      ],
    ]);
  });

  it('break an invariant when they are anything else', () => {
    const wrong: WireValue[] = [
      null,
      7,
      [],
      [2, 1, 1, []],
      [1, 'now', 1, []],
      [1, 1, 'now', []],
      [1, -1, 1, []],
      [1, 1, Number.NaN, []],
      [1, 1, []],
      [1, 1, 1, {}],
      [1, 1, 1, [7]],
      [1, 1, 1, [[9]]],
      [1, 1, 1, [[0, 0, 1, 1, 'x']]],
      [1, 1, 1, [[0, 1, 1.5, 1, 'x']]],
      [1, 1, 1, [[1]]],
      [1, 1, 1, [[1, 7]]],
      [1, 1, 1, [[2]]],
      [1, 1, 1, [[4, [1, 2, 3]]]],
      [1, 1, 1, Array.from({ length: 1025 }, () => [1])],
    ];
    for (const value of wrong) expect(() => decode(encodeValue(value))).toThrow(InvariantBroken);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(() => decode(bytes)).toThrow(InvariantBroken);
      }),
    );
    const refusing = () => {
      throw new Error('no such command');
    };
    const data = encodeEntry({ logTimeMs: 1, wallMs: 1 }, [
      encodeItem({ kind: 'work', command: 1 }),
    ]);
    expect(() => decodeEntry(7, data, refusing)).toThrow(/entry 7 .*no such command/);
  });
});
