import { type FuzzValue, fuzzOptions, fuzzValues } from '@raft-ts/fuzz';
import { decodeValue, encodeValue } from '@raft-ts/net';
import { StateMachineError } from '@raft-ts/statemachine';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isCommitsKey } from '../../store/row-keys.js';
import { encodeCommand } from '../operations/command-codec.js';
import type { Operation } from '../operations/operation-table.js';
import { type ByteString, byteString } from '../tree/byte-string.js';
import { type Failure, failure } from '../tree/failure.js';
import type { FoundEntry } from './found-entry.js';
import {
  complete,
  create,
  DIRECTORY_FOUND,
  FILE_FOUND,
  MountedMachine,
  mkdir,
  mount,
  remove,
  rename,
  unmount,
  update,
} from './mounted-machine.test.support.js';

/** What a client may send, in the light of what the tree has: internal steps with marks that fit, too. */
type Draw = (machine: MountedMachine) => Operation;

const name = fc.constantFrom('a', 'b');
/** Where things are, or may be. */
const PLACES = ['/', '/m', '/n'].flatMap((point) => {
  const at = point === '/' ? '' : point;
  return [point, ...['a', 'b', 'a/a', 'a/b', 'b/a', 'a/a/a'].map((below) => `${at}/${below}`)];
});
const ODD = [
  '',
  '//',
  '/m/',
  '/m/..',
  '/m/a\0',
  'm',
  `/m/${'x'.repeat(256)}`,
  `/m${'/x'.repeat(2048)}`,
];

type Drawn = (machine: MountedMachine) => string;

/** Mostly where something is. */
const path: fc.Arbitrary<Drawn> = fc.oneof<fc.MaybeWeightedArbitrary<Drawn>[]>(
  {
    weight: 20,
    arbitrary: fc.nat(99).map((pick) => (machine: MountedMachine) => {
      const there = PLACES.filter((each) => machine.inode(each) !== undefined);
      return there[pick % there.length] ?? '/';
    }),
  },
  { weight: 15, arbitrary: fc.constantFrom(...PLACES).map((each) => () => each) },
  { weight: 1, arbitrary: fc.constantFrom(...ODD).map((each) => () => each) },
);
const odd = fc.constantFrom(0, -0, 1, -1, 1.5, 511, 5_000, 2 ** 53, 1e300, Number.NaN, Infinity);
const bytes = fc.constantFrom('', 'e', 'ann', '\0', '/', 'x'.repeat(255), 'x'.repeat(300));
const text = bytes.map((each) => byteString(each));
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const seldom = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, value);

const wild: fc.Arbitrary<FoundEntry> = fc.record({
  type: fc.constantFrom(0, 1, 2),
  mode: maybe(odd),
  owner: maybe(text),
  group: maybe(text),
  size: odd,
  modifiedMs: maybe(odd),
  target: text,
  fingerprint: text,
});
const found = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom(FILE_FOUND, { ...FILE_FOUND, size: -0, modifiedMs: -0 }),
  },
  { weight: 2, arbitrary: fc.constant(DIRECTORY_FOUND) },
  { weight: 1, arbitrary: wild },
);
const entryName = fc.oneof(
  { weight: 8, arbitrary: name },
  fc.constantFrom('', '.', '..', 'a/b', 'a\0', 'x'.repeat(256), 'm'),
);
const refusal: fc.Arbitrary<Failure | undefined> = maybe(
  fc.constantFrom<Failure>(
    failure('NOT_FOUND', byteString('/x')),
    ['X'.repeat(64) as 'NOT_FOUND', byteString('y'.repeat(5_000)), 'z'.repeat(5_000)],
    failure('STORAGE_FAILED', byteString(''), `${'z'.repeat(1023)}\u{1f600}`),
  ),
);
/** Mostly what the tree has, else any number. */
const marks = fc.record({
  epoch: seldom(fc.constantFrom(0, -0, 7, 2 ** 53 - 1)),
  ended: seldom(fc.constantFrom(0, -0, 1, 5_000, 2 ** 53 - 1)),
  directory: seldom(fc.nat(40)),
  had: seldom(fc.nat(40)),
  intent: fc.nat(3),
});
const changes = fc.array(fc.tuple(entryName, maybe(found)), { maxLength: 4 });

const draw: fc.Arbitrary<Draw> = fc.oneof<fc.MaybeWeightedArbitrary<Draw>[]>(
  path.map((at) => (tree) => mount(at(tree))),
  fc.tuple(path, fc.boolean()).map(
    ([at, force]) =>
      (tree) =>
        unmount(at(tree), force),
  ),
  fc
    .tuple(path, maybe(fc.boolean()), maybe(fc.constantFrom<number | 'inherit'>(-1, -0, 'inherit')))
    .map(([at, readOnly, syncIntervalMs]) => (tree) => {
      const given = { readOnly: readOnly && tree.mounts.ended % 4 === 0, syncIntervalMs };
      return update(at(tree), given);
    }),
  {
    weight: 3,
    arbitrary: fc.tuple(path, fc.boolean()).map(
      ([at, deep]) =>
        (tree) =>
          mkdir(at(tree), deep),
    ),
  },
  { weight: 2, arbitrary: path.map((at) => (tree) => create(at(tree))) },
  path.map((at) => (tree) => complete(at(tree))),
  {
    weight: 2,
    arbitrary: fc.tuple(path, fc.boolean()).map(
      ([at, deep]) =>
        (tree) =>
          remove(at(tree), deep),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(path, path).map(
      ([from, to]) =>
        (tree) =>
          rename(from(tree), to(tree)),
    ),
  },
  fc.constant(() => ({ kind: 'openEpoch' })),
  fc.constant(() => ({ kind: 'reclaim', maxEntries: 3 })),
  {
    weight: 4,
    arbitrary: fc
      .tuple(marks, fc.array(found, { maxLength: 3 }), refusal)
      .map(([{ epoch, intent }, entries, refused]) => ({ mounts }) => ({
        kind: 'finishIntent',
        intent: [...mounts.intents.keys()][intent] ?? intent,
        epoch: epoch ?? mounts.epoch,
        found: entries,
        refusal: refused,
      })),
  },
  {
    weight: 2,
    arbitrary: marks.map(({ epoch, intent }) => ({ mounts }) => ({
      kind: 'moveIntent',
      intent: [...mounts.intents.keys()][intent] ?? intent,
      epoch: epoch ?? mounts.epoch,
    })),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(path, marks, changes, fc.boolean())
      .map(([drawn, { epoch, ended, directory, had }, differing, whole]) => (machine) => {
        const at = drawn(machine);
        return {
          kind: 'syncEntries',
          path: byteString(at),
          directory: directory ?? machine.inode(at)?.id ?? 0,
          epoch: epoch ?? machine.mounts.epoch,
          ended: ended ?? machine.mounts.ended,
          changes: differing.map(([entry, what]) => ({
            name: byteString(entry),
            had: had ?? machine.inode(childOf(at, entry))?.id ?? 0,
            found: what,
          })),
          complete: whole,
        };
      }),
  },
);

function childOf(directory: string, entry: string): ByteString {
  return byteString(directory === '/' ? `/${entry}` : `${directory}/${entry}`);
}

const treeRows = ({ rows }: MountedMachine) => rows.dump().filter(([key]) => !isCommitsKey(key));

it('whatever a client sends, nothing throws, the tree is sound, and a restart changes nothing', async () => {
  const commands = fc.array(fc.tuple(draw, fc.boolean()), { minLength: 30, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(commands, async (drawn) => {
      const [living, restarted] = [await MountedMachine.open(), await MountedMachine.open()];
      for (const each of [living, restarted]) each.apply(mount('/m'));
      for (const [next, restarts] of drawn) {
        if (restarts) await restarted.reopen();
        const operation = next(living);
        const result = living.apply(operation);
        // As clients and rows have it: -0 is another number there.
        expect(restarted.apply(operation)).toStrictEqual(result);
        expect(decodeValue(encodeValue(result))).toStrictEqual(result);
      }
      expect(await living.problems()).toEqual([]);
      expect(await restarted.problems()).toEqual([]);
      expect(treeRows(restarted)).toEqual(treeRows(living));
      for (const each of [living, restarted]) {
        each.reclaimAll();
        expect(await each.problems()).toEqual([]);
      }
    }),
    { numRuns: 100 },
  );
});

it('mounted-commands', async () => {
  const options = fuzzOptions();
  const start = await MountedMachine.open();
  start.apply(mount('/m'));
  start.apply(mkdir('/m/a'));
  const corpus = fc
    .sample(draw, { seed: options.seed, numRuns: 300 })
    .map((next) => decodeValue(encodeValue(encodeCommand([next(start)]))) as FuzzValue);
  let machine = start;
  let applied = 0;
  const report = await fuzzValues(
    {
      name: 'mounted-commands',
      corpus,
      isRefusal: (error) => error instanceof StateMachineError,
      decode: async (value) => {
        applied += 1;
        // What is kept of so many would count as memory that is lost.
        if (applied % 500 === 0) {
          machine = await MountedMachine.open();
          machine.apply(mount('/m'));
        }
        const command = machine.machine.parseCommand(value as never);
        return machine.command(command);
      },
    },
    options,
  );
  console.log(report.line);
});
