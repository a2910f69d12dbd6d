import { arbitraryValue, fuzzBytes, fuzzOptions } from '@raft-ts/fuzz';
import type { WireValue } from '@raft-ts/net';
import fc from 'fast-check';
import { InvariantBroken } from 'raft-ts';
import { expect, it } from 'vitest';
import { KeyValueMachine } from '../machine/key-value-machine.js';
import { defaultSessionLimits } from '../sessions/session-limits.js';
import {
  decodeEntry,
  type EntryContent,
  type EntryItem,
  encodeEntry,
  encodeItem,
} from './entry-codec.js';

const machine = new KeyValueMachine();

const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const command = fc.oneof(
  fc.tuple(fc.constant('put'), fc.string(), arbitraryValue),
  fc.tuple(fc.constant('add'), fc.string(), fc.integer()),
  fc.tuple(fc.constant('delete'), fc.string()),
);
const item: fc.Arbitrary<EntryItem<WireValue>> = fc.oneof(
  fc.record({
    kind: fc.constant('command' as const),
    session: number,
    sequence: number,
    acknowledgedBelow: number,
    command,
  }),
  fc.record({ kind: fc.constant('open' as const), host: fc.string() }),
  fc.record({ kind: fc.constant('close' as const), session: number }),
  fc.record({ kind: fc.constant('work' as const), command }),
  fc.constant({ kind: 'limits', limits: defaultSessionLimits } as const),
  fc.constant({ kind: 'hashes', agreed: [{ index: 7, hash: 0xffff_ffff }] } as const),
);

it('entry-contents', async () => {
  const options = fuzzOptions();
  const report = await fuzzBytes(
    {
      name: 'entry-contents',
      corpus: fc
        .sample(fc.array(item, { maxLength: 6 }), { seed: options.seed, numRuns: 200 })
        .map((items) =>
          Buffer.from(encodeEntry({ logTimeMs: 5, wallMs: 1.7e12 }, items.map(encodeItem))),
        ),
      decode: (bytes) => decodeEntry(7, bytes, (value) => machine.parseCommand(value)),
      isRefusal: (error) => error instanceof InvariantBroken,
      check: (decoded) => {
        const { logTimeMs, wallMs, items } = decoded as EntryContent<unknown>;
        expect(logTimeMs).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(wallMs)).toBe(true);
        for (const { kind } of items) expect(typeof kind).toBe('string');
      },
    },
    options,
  );
  console.log(report.line);
});
