import fc from 'fast-check';
import type { FoundEntry } from '../../namespace/mounts/found-entry.js';
import type {
  NamespaceCommand,
  OperationKind,
  OperationOf,
} from '../../namespace/operations/operation-table.js';
import { type NewAttributes, NO_ATTRIBUTES } from '../../namespace/tree/attributes.js';
import { type ByteString, byteString, NO_BYTES } from '../../namespace/tree/byte-string.js';
import { InodeType } from '../../namespace/tree/inode.js';
import type { Refusal, TreeModel } from './tree-model.js';

/** What tests know of a kind of operation. */
export interface OperationModel<Operation> {
  /** How often it is drawn, against the others. */
  readonly weight: number;
  /** Any that is well formed; refusals by path or attribute are tested by example. */
  readonly arbitrary: fc.Arbitrary<Operation>;
  /** One with all it can hold, and the bytes that the log keeps of it, in hexadecimal. */
  readonly golden: readonly [operation: Operation, bytes: string];
  /** What it does to the model; its result. */
  apply(model: TreeModel, operation: Operation, now: number): number | Refusal;
}

/** Few names, so that paths meet; one that sorts behind ASCII, one that sorts before letters. */
const name = fc.constantFrom('a', 'b', 'c', '\xff', ' ', 'ab');

/** Paths of no more than four names, mostly of one to three. */
export const arbitraryPath: fc.Arbitrary<ByteString> = fc
  .array(name, { minLength: 0, maxLength: 4 })
  .map((names) => byteString(`/${names.join('/')}`));

const attributes: fc.Arbitrary<NewAttributes> = fc.option(
  fc
    .record(
      {
        mode: fc.integer({ min: 0, max: 0o7777 }),
        owner: fc.constantFrom(...['ann', 'b\xf6b', 'x'.repeat(255)].map(byteString)),
        group: fc.constantFrom(byteString('staff'), byteString('wheel')),
        size: fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER)),
        modifiedMs: fc.oneof(fc.integer(), fc.constantFrom(8.64e15, -8.64e15, 1.7e12)),
        accessedMs: fc.oneof(fc.integer(), fc.constantFrom(8.64e15, -8.64e15, 1.7e12)),
      },
      { requiredKeys: [] },
    )
    .map((given) => ({ ...NO_ATTRIBUTES, ...given })),
  { nil: NO_ATTRIBUTES, freq: 1 },
);

const PATH = byteString('/a/\xff');
const ALL_ATTRIBUTES: NewAttributes = {
  mode: 0o640,
  owner: byteString('ann'),
  group: byteString('staff'),
  size: 4096,
  modifiedMs: 1_700_000_000_000,
  accessedMs: -1,
};

const FOUND: FoundEntry = {
  type: InodeType.File,
  mode: 0o600,
  owner: byteString('ann'),
  group: undefined,
  size: 5,
  modifiedMs: 7,
  target: NO_BYTES,
  fingerprint: byteString('e'),
};
const MOUNT: OperationOf<'mount'> = {
  kind: 'mount',
  path: PATH,
  uri: byteString('s3://b/p'),
  place: byteString('s3://b/p'),
  profile: byteString('ann'),
  readOnly: true,
  shared: false,
  syncIntervalMs: -1,
  options: [[byteString('region'), byteString('x')]],
};

/** Any operation of a kind whose fields are drawn so. */
function drawn<Kind extends string, Fields>(
  kind: Kind,
  fields: { readonly [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> },
): fc.Arbitrary<Fields & { readonly kind: Kind }> {
  return fc.record<Fields>(fields).map((given) => ({ ...given, kind }));
}

/** Every kind of operation. */
export const OPERATION_MODELS: {
  readonly [Kind in OperationKind]: OperationModel<OperationOf<Kind>>;
} = {
  mkdir: {
    weight: 4,
    arbitrary: drawn('mkdir', { path: arbitraryPath, parents: fc.boolean(), attributes }),
    golden: [
      { kind: 'mkdir', path: PATH, parents: true, attributes: ALL_ATTRIBUTES },
      '919401a52f612fc3bfc396cd01a0a3616e6ea57374616666cd1000cb4278bcfe56800000ff',
    ],
    apply(model, { path, parents, attributes: given }, now) {
      const found = model.find(path);
      if (parents && 'id' in found && found.type === InodeType.Directory) return found.id;
      if (parents) model.makeParents(path, given, now);
      return model.add(path, InodeType.Directory, '', given, now);
    },
  },
  create: {
    weight: 4,
    arbitrary: drawn('create', { path: arbitraryPath, attributes }),
    golden: [
      { kind: 'create', path: PATH, attributes: ALL_ATTRIBUTES },
      '919302a52f612fc3bf96cd01a0a3616e6ea57374616666cd1000cb4278bcfe56800000ff',
    ],
    apply: (model, { path, attributes: given }, now) =>
      model.add(path, InodeType.File, '', given, now),
  },
  symlink: {
    weight: 1,
    arbitrary: drawn('symlink', {
      path: arbitraryPath,
      target: fc.constantFrom(byteString('/a'), byteString('../\xfc')),
      attributes,
    }),
    golden: [
      { kind: 'symlink', path: PATH, target: byteString('../b'), attributes: NO_ATTRIBUTES },
      '919403a52f612fc3bfa42e2e2f6290',
    ],
    apply: (model, { path, target, attributes: given }, now) =>
      model.add(path, InodeType.SymbolicLink, target, given, now),
  },
  rename: {
    weight: 3,
    arbitrary: drawn('rename', { source: arbitraryPath, destination: arbitraryPath }),
    golden: [
      { kind: 'rename', source: PATH, destination: byteString('/b') },
      '919304a52f612fc3bfa22f62',
    ],
    apply: (model, { source, destination }, now) => model.rename(source, destination, now),
  },
  delete: {
    weight: 2,
    arbitrary: drawn('delete', { path: arbitraryPath, recursive: fc.boolean() }),
    golden: [{ kind: 'delete', path: PATH, recursive: true }, '919305a52f612fc3bfc3'],
    apply: (model, { path, recursive }, now) => model.delete(path, recursive, now),
  },
  setAttribute: {
    weight: 1,
    arbitrary: drawn('setAttribute', { path: arbitraryPath, attributes }),
    golden: [
      { kind: 'setAttribute', path: PATH, attributes: { ...NO_ATTRIBUTES, size: 2 ** 40 } },
      '919306a52f612fc3bf94c0c0c0cb4270000000000000',
    ],
    apply: (model, { path, attributes: given }, now) => model.setAttribute(path, given, now),
  },
  reclaim: {
    weight: 1,
    arbitrary: drawn('reclaim', { maxEntries: fc.integer({ min: 1, max: 5 }) }),
    golden: [{ kind: 'reclaim', maxEntries: 500 }, '919207cd01f4'],
    apply: () => 0,
  },
  complete: {
    weight: 1,
    arbitrary: drawn('complete', {
      path: arbitraryPath,
      size: fc.nat(),
      fingerprint: fc.constant(byteString('e')),
    }),
    golden: [
      { kind: 'complete', path: PATH, size: 5, fingerprint: byteString('e') },
      '919408a52f612fc3bf05a165',
    ],
    apply: (_model, { path }) => ['NOT_MOUNTED', path],
  },
  // In these trees nothing is mounted.
  mount: {
    weight: 0,
    arbitrary: fc.constant(MOUNT),
    golden: [
      MOUNT,
      '919909a52f612fc3bfa873333a2f2f622f70a873333a2f2f622f70a3616e6ec3c2ff9192a6726567696f6ea178',
    ],
    apply: () => 0,
  },
  unmount: {
    weight: 1,
    arbitrary: drawn('unmount', { path: arbitraryPath, force: fc.boolean() }),
    golden: [{ kind: 'unmount', path: PATH, force: true }, '91930aa52f612fc3bfc3'],
    apply: (_model, { path }) => ['NOT_MOUNTED', path],
  },
  updateMount: {
    weight: 1,
    arbitrary: drawn('updateMount', {
      path: arbitraryPath,
      readOnly: fc.option(fc.boolean(), { nil: undefined }),
      profile: fc.constant(undefined),
      syncIntervalMs: fc.constantFrom(undefined, 'inherit' as const, -1, 0, 5),
      options: fc.constant(undefined),
    }),
    golden: [
      {
        kind: 'updateMount',
        path: PATH,
        readOnly: true,
        profile: byteString('p'),
        syncIntervalMs: 'inherit',
        options: [[byteString('a'), byteString('b')]],
      },
      '91960ba52f612fc3bfc3a170a7696e68657269749192a161a162',
    ],
    apply: (_model, { path }) => ['NOT_MOUNTED', path],
  },
  openEpoch: {
    weight: 0,
    arbitrary: fc.constant({ kind: 'openEpoch' }),
    golden: [{ kind: 'openEpoch' }, '91910c'],
    apply: () => 0,
  },
  finishIntent: {
    weight: 1,
    arbitrary: drawn('finishIntent', {
      intent: fc.nat(10),
      epoch: fc.nat(1),
      found: fc.constant([]),
      refusal: fc.constant(undefined),
    }),
    golden: [
      {
        kind: 'finishIntent',
        intent: 5,
        epoch: 3,
        found: [FOUND],
        refusal: ['STORAGE_FORBIDDEN', PATH, 'no'],
      },
      '91950d0503919801cd0180a3616e6ec00507a0a16593b153544f524147455f464f5242494444454ea52f612fc3bfa26e6f',
    ],
    apply: () => 0,
  },
  moveIntent: {
    weight: 1,
    arbitrary: drawn('moveIntent', { intent: fc.nat(10), epoch: fc.nat(1) }),
    golden: [{ kind: 'moveIntent', intent: 5, epoch: 3 }, '91930e0503'],
    apply: () => 0,
  },
  syncEntries: {
    weight: 1,
    arbitrary: drawn('syncEntries', {
      path: arbitraryPath,
      directory: fc.nat(10),
      epoch: fc.constant(1),
      ended: fc.constant(0),
      changes: fc.constant([]),
      complete: fc.boolean(),
    }),
    golden: [
      {
        kind: 'syncEntries',
        path: PATH,
        directory: 4,
        epoch: 3,
        ended: 9,
        changes: [
          { name: byteString('a'), had: 0, found: FOUND },
          { name: byteString('b'), had: 7, found: undefined },
        ],
        complete: true,
      },
      '91970fa52f612fc3bf0403099293a161009801cd0180a3616e6ec00507a0a16593a16207c0c3',
    ],
    apply: (_model, { path }) => ['STEP_OVERTAKEN', path],
  },
};

/** One to four operations. */
export const arbitraryCommand: fc.Arbitrary<NamespaceCommand> = fc.array(
  fc.oneof(...Object.values(OPERATION_MODELS)),
  { minLength: 1, maxLength: 4 },
);

/** Does to the model what an operation does to the tree; its result. */
export function applyToModel<Kind extends OperationKind>(
  model: TreeModel,
  operation: OperationOf<Kind>,
  now: number,
): number | Refusal {
  return OPERATION_MODELS[operation.kind].apply(model, operation, now);
}
