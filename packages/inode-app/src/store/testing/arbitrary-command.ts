import fc from 'fast-check';
import type {
  NamespaceCommand,
  NewAttributes,
  Operation,
} from '../../namespace/operations/operation.js';
import { NO_ATTRIBUTES } from '../../namespace/tree/attributes.js';

/** Few names, so that paths meet; one that sorts behind ASCII, one that sorts before letters. */
const name = fc.constantFrom('a', 'b', 'c', '\xff', ' ', 'ab');

/** Paths of no more than four names, mostly of one to three. */
export const arbitraryPath: fc.Arbitrary<string> = fc
  .array(name, { minLength: 0, maxLength: 4 })
  .map((names) => `/${names.join('/')}`);

const attributes: fc.Arbitrary<NewAttributes> = fc.option(
  fc
    .record(
      {
        mode: fc.integer({ min: 0, max: 0o7777 }),
        owner: fc.constantFrom('ann', 'b\xf6b', 'x'.repeat(255)),
        group: fc.constantFrom('staff', 'wheel'),
        size: fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER)),
        modifiedMs: fc.oneof(fc.integer(), fc.constantFrom(8.64e15, -8.64e15, 1.7e12)),
        accessedMs: fc.oneof(fc.integer(), fc.constantFrom(8.64e15, -8.64e15, 1.7e12)),
      },
      { requiredKeys: [] },
    )
    .map((given) => ({ ...NO_ATTRIBUTES, ...given })),
  { nil: NO_ATTRIBUTES, freq: 1 },
);

/** Any operation that is well formed; refusals by path or attribute are tested by example. */
const arbitraryOperation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('mkdir' as const),
      path: arbitraryPath,
      parents: fc.boolean(),
      attributes,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('create' as const), path: arbitraryPath, attributes }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('symlink' as const),
      path: arbitraryPath,
      target: fc.constantFrom('/a', '../\xfc'),
      attributes,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('rename' as const),
      source: arbitraryPath,
      destination: arbitraryPath,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      path: arbitraryPath,
      recursive: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('setAttribute' as const),
      path: arbitraryPath,
      attributes,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('reclaim' as const),
      maxEntries: fc.integer({ min: 1, max: 5 }),
    }),
  },
);

/** One to four operations. */
export const arbitraryCommand: fc.Arbitrary<NamespaceCommand> = fc.array(arbitraryOperation, {
  minLength: 1,
  maxLength: 4,
});
