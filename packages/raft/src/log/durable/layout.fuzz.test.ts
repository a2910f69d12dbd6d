import { crc32 } from 'node:zlib';
import { fuzzBytes, fuzzOptions } from '@raft-ts/fuzz';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Entry, EntryType, type HardState } from '../../core/log/entry.js';
import { EMPTY_BASE, type LogBase } from '../../core/log/log-state.js';
import { encodeMembership } from '../../core/membership/membership-codec.js';
import { isRaftError } from '../../errors.js';
import type { LogWrite } from '../log-store.js';
import {
  BASE_KEY,
  CHECKSUM_BYTES,
  decodeBase,
  decodeEntry,
  decodeHardState,
  entryKey,
  HARD_STATE_KEY,
} from './layout.js';
import { PackedWriteGroup, WriteGroupPacker } from './packed-write-group.js';

const INDEX = 2 ** 33 + 5;
const isRefusal = (error: unknown) => isRaftError(error, 'LOG_FOREIGN');

/** The rows that a write leaves, as they are stored. */
function rowsOf(write: LogWrite): Buffer[] {
  const group = new WriteGroupPacker(4096);
  group.add(write, { replacedFrom: 0, termBefore: 0, lastIndexBefore: 0, lastIndexAfter: 0 });
  group.seal({ baseIndex: 0, lastIndex: 0, lastTerm: 0, term: 0, votedFor: 0, recovery: 0 });
  const rows: Buffer[] = [];
  new PackedWriteGroup(group.memory).copyTo({
    put: (_key, value) => rows.push(Buffer.from(value)),
    delete: () => undefined,
  });
  return rows;
}

/** Gives a row of `key` the checksum that fits. */
const repair = (key: Uint8Array) => (value: Buffer) => {
  if (value.byteLength < CHECKSUM_BYTES) return value;
  const length = value.byteLength - CHECKSUM_BYTES;
  value.writeUInt32BE(crc32(value.subarray(0, length), crc32(key)), length);
  return value;
};

it('log-entries', async () => {
  const options = fuzzOptions();
  const entries: fc.Arbitrary<Entry> = fc.record({
    index: fc.constant(INDEX),
    term: fc.oneof(fc.nat(300), fc.maxSafeNat()),
    type: fc.constantFrom(...Object.values(EntryType)),
    data: fc.uint8Array({ maxLength: 100 }),
  });
  const report = await fuzzBytes(
    {
      name: 'log-entries',
      corpus: fc
        .sample(entries, { seed: options.seed, numRuns: 50 })
        .flatMap((entry) => rowsOf({ entries: [entry] })),
      decode: (value) => decodeEntry(INDEX, value),
      isRefusal,
      repair: repair(entryKey(INDEX)),
      check: (decoded, value) => {
        const entry = decoded as Entry;
        expect(Number.isSafeInteger(entry.term)).toBe(true);
        expect(rowsOf({ entries: [entry] })).toEqual([value]);
      },
    },
    options,
  );
  console.log(report.line);
});

it('hard-states', async () => {
  const states = [
    { term: 1, votedFor: 2, commit: 3, recovery: 0 },
    { term: 2 ** 52, votedFor: 2 ** 32 - 1, commit: 2 ** 40, recovery: 2 ** 48 - 1 },
  ];
  const report = await fuzzBytes({
    name: 'hard-states',
    corpus: states.flatMap((hardState) => rowsOf({ hardState, entries: [] })),
    decode: decodeHardState,
    isRefusal,
    repair: repair(HARD_STATE_KEY),
    check: (decoded, value) => {
      const hardState = decoded as HardState;
      for (const field of Object.values(hardState)) expect(Number.isSafeInteger(field)).toBe(true);
      expect(rowsOf({ hardState, entries: [] })).toEqual([value]);
    },
  });
  console.log(report.line);
});

it('log-bases', async () => {
  const { membership } = EMPTY_BASE;
  const configuration = { ...membership.configuration, voters: [1, 2], outgoing: [1, 3] };
  const recovery = { index: 4, term: 2, lostVoters: [7], reason: 'the room burnt', atMs: 2 ** 41 };
  const bases = [
    { index: 5, term: 2, membership },
    {
      index: 2 ** 50,
      term: 2 ** 40,
      membership: {
        index: 4,
        configuration,
        endpoints: { 1: { member: 'höst:1', http: 'höst:2' } },
        forcedRecoveries: [recovery],
        unheard: [2],
      },
    },
  ];
  const report = await fuzzBytes({
    name: 'log-bases',
    corpus: bases.flatMap((base) => rowsOf({ base, entries: [] })),
    decode: decodeBase,
    isRefusal,
    repair: repair(BASE_KEY),
    check: (decoded) => {
      const base = decoded as LogBase;
      expect(Number.isSafeInteger(base.index) && Number.isSafeInteger(base.term)).toBe(true);
      expect(encodeMembership(base.membership).byteLength).toBeGreaterThan(0);
    },
  });
  console.log(report.line);
});
