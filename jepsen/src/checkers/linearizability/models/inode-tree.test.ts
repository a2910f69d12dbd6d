import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallInput } from '../../../histories/history-event.js';
import type { EffectiveOperation, Operation } from '../../../histories/operation.js';
import { operationsOf } from '../../../histories/operations.js';
import { Random } from '../../../random.js';
import { type Simulation, simulate } from '../../simulated-history.test.support.js';
import { isLinearizableByForce, type PlainModel } from '../brute-force.test.support.js';
import { type Draft, historyOf } from '../generated-history.test.support.js';
import { checkLinearizability } from '../run.js';
import { inodeTree } from './inode-tree.js';
import { type InodeTreeInput, type InodeTreeOutput, inodeTreeCalls } from './inode-tree-calls.js';
import { applyToTree, EMPTY_TREE, type PlainTree } from './plain-tree.test.support.js';

type InodeTreeOperation = Operation<InodeTreeInput, InodeTreeOutput>;

const RUNS = 150;

/** A call of a small tree, in which calls collide. */
function randomCall(random: Random, names: readonly string[], maxDepth: number): InodeTreeInput {
  const path = () =>
    Array.from({ length: random.between(1, maxDepth) }, () => `/${random.pick(names)}`).join('');
  switch (random.below(10)) {
    case 0:
    case 1:
      return { kind: 'create', path: path() };
    case 2:
    case 8:
    case 9:
      return { kind: 'mkdir', path: path() };
    case 3:
    case 4:
      return { kind: 'rename', source: path(), destination: path() };
    case 5:
      return { kind: 'delete', path: path(), recursive: random.chance(0.3) };
    case 6:
      return { kind: 'list', path: random.chance(0.3) ? '/' : path() };
    default:
      return { kind: 'getStatus', path: path() };
  }
}

/** A tree that does what it is told, and gives the ids 2, 3, 4 and so on. */
class SimulatedTree {
  #tree = EMPTY_TREE;
  #lastId = 1;

  apply(input: InodeTreeInput): InodeTreeOutput {
    const [tree, output] = applyToTree(this.#tree, input, this.#lastId + 1);
    if (tree.size > this.#tree.size) this.#lastId += 1;
    this.#tree = tree;
    return output;
  }
}

const input = fc.nat().map((seed) => randomCall(new Random(seed), ['a', 'b'], 2));
const span = fc.integer({ min: 0, max: 30 });

const drafts = (maxLength: number): fc.Arbitrary<readonly Draft<InodeTreeInput>[]> =>
  fc.array(
    fc.record({
      input,
      before: span,
      isBounded: fc.boolean(),
      after: span,
      fate: fc.constantFrom('done', 'done', 'done', 'done', 'hidden', 'lost', 'failed' as const),
    }),
    { maxLength, size: 'max' },
  );

interface ForcedState {
  readonly tree: PlainTree;
  readonly made: number;
}

function makes({ kind }: InodeTreeInput): boolean {
  return kind === 'create' || kind === 'mkdir';
}

/** What a call of unknown outcome makes has an id below 0, which passes for any that was never given. */
function plainModel(
  operations: readonly InodeTreeOperation[],
): PlainModel<ForcedState, InodeTreeInput, InodeTreeOutput> {
  const ids = operations.flatMap((operation) => {
    if (operation.outcome !== 'done' || !makes(operation.input)) return [];
    return 'id' in operation.output ? [operation.output.id] : [];
  });
  const given = new Set(ids);
  const isGivenTwice = (id: number) => ids.indexOf(id) !== ids.lastIndexOf(id);
  const isAlike = (id: number, answered: number) =>
    id < 0 ? !given.has(answered) : id === answered;
  return {
    init: () => ({ tree: new Map([['/', { id: -1, type: 'directory' }]]), made: 1 }),
    step({ tree, made }, operation: EffectiveOperation<InodeTreeInput, InodeTreeOutput>) {
      const output = operation.outcome === 'done' ? operation.output : undefined;
      const id = output !== undefined && 'id' in output ? output.id : -1 - made;
      const [after, expected] = applyToTree(tree, operation.input, id);
      const next = { tree: after, made: made + 1 };
      if (output === undefined) return next;
      if (makes(operation.input) && isGivenTwice(id)) return undefined;
      if ('error' in output || 'error' in expected) {
        return JSON.stringify(output) === JSON.stringify(expected) ? next : undefined;
      }
      if ('entries' in output || 'entries' in expected) {
        if (!('entries' in output && 'entries' in expected)) return undefined;
        if (output.entries.length !== expected.entries.length) return undefined;
        const fits = expected.entries.every(([name, entryId, type]) =>
          output.entries.some(
            (entry) => entry[0] === name && isAlike(entryId, entry[1]) && entry[2] === type,
          ),
        );
        return fits ? next : undefined;
      }
      const typeFits = !('type' in expected) || ('type' in output && output.type === expected.type);
      return typeFits && isAlike(expected.id, output.id) ? next : undefined;
    },
  };
}

/** Changes what a call was answered. */
function spoiled(operation: InodeTreeOperation, much: number): InodeTreeOperation {
  if (operation.outcome !== 'done') return operation;
  const { output } = operation;
  const others: InodeTreeOutput[] = [
    { error: 'NOT_FOUND' },
    { error: 'ALREADY_EXISTS' },
    { error: 'DIRECTORY_NOT_EMPTY' },
  ];
  if ('entries' in output) others.push({ entries: output.entries.slice(1) });
  if ('id' in output) others.push({ ...output, id: 2 + (much % 3) });
  return { ...operation, output: others[much % others.length] ?? output };
}

function simulation(
  seed: number,
  [clients, calls]: readonly [clients: number, calls: number],
  spoil: (input: InodeTreeInput, output: InodeTreeOutput, call: number) => InodeTreeOutput = (
    _,
    output,
  ) => output,
): Simulation {
  const tree = new SimulatedTree();
  let applied = 0;
  return {
    seed,
    clients,
    calls,
    next: (random) => randomCall(random, ['a', 'b', 'c'], 3),
    system: {
      apply(call: CallInput) {
        const asked = inodeTreeCalls.input(call);
        if (asked === undefined) throw new TypeError('no call of a tree');
        return spoil(asked, tree.apply(asked), applied++);
      },
    },
    finals: [{ kind: 'list', path: '/' }],
    unknownShare: 0.02,
    failedShare: 0.02,
  };
}

function verdictOf(run: Simulation) {
  return checkLinearizability(inodeTree, operationsOf(simulate(run), inodeTreeCalls), {
    maxDurationMs: Number.POSITIVE_INFINITY,
    maxSteps: 3_000_000,
    maxExplanationSteps: 1000,
  });
}

describe('inodeTree', () => {
  it('finds legal what a tree did', () => {
    fc.assert(
      fc.property(drafts(60), (calls) => {
        const tree = new SimulatedTree();
        const operations = historyOf(calls, (each) => tree.apply(each));
        expect(checkLinearizability(inodeTree, operations).verdict).toBe('ok');
      }),
      { numRuns: RUNS },
    );
  });

  it('agrees with the definition where something went wrong', () => {
    const verdicts = { ok: 0, illegal: 0, unknown: 0 };
    fc.assert(
      fc.property(
        drafts(7),
        fc.array(fc.tuple(fc.nat(6), fc.nat(8)), { maxLength: 2 }),
        (calls, spoils) => {
          const tree = new SimulatedTree();
          const operations = [...historyOf(calls, (each) => tree.apply(each))];
          for (const [place, much] of spoils) {
            const operation = operations[place];
            if (operation !== undefined) operations[place] = spoiled(operation, much);
          }
          const { verdict } = checkLinearizability(inodeTree, operations);
          const isLegal = isLinearizableByForce(plainModel(operations), operations);
          expect(verdict).toBe(isLegal ? 'ok' : 'illegal');
          verdicts[verdict] += 1;
        },
      ),
      { numRuns: 2 * RUNS },
    );
    expect(Math.min(verdicts.ok, verdicts.illegal)).toBeGreaterThan(RUNS / 10);
  });

  it('decides 3,000 calls of twenty clients on a small tree, of which many may have taken effect', () => {
    for (let seed = 0; seed < 2; seed++) {
      expect(verdictOf(simulation(seed, [20, 3000])).verdict).toBe('ok');
    }
  });

  it.each<[string, (input: InodeTreeInput, output: InodeTreeOutput) => InodeTreeOutput]>([
    [
      'a list that lacks an entry',
      (_, output) => ('entries' in output ? { entries: output.entries.slice(1) } : output),
    ],
    [
      'a list that shows an entry twice',
      (_, output) =>
        'entries' in output && output.entries[0] !== undefined
          ? { entries: [...output.entries, output.entries[0]] }
          : output,
    ],
    [
      'an acknowledged delete of what was not there',
      ({ kind }, output) => (kind === 'delete' && 'error' in output ? { id: 2 } : output),
    ],
    [
      'the id of another inode',
      ({ kind }, output) =>
        kind === 'getStatus' && 'id' in output ? { ...output, id: output.id + 1 } : output,
    ],
  ])('finds %s', (_, spoil) => {
    let found = 0;
    for (let seed = 0; seed < 6; seed++) {
      const run = simulation(seed, [4, 300], (asked, output, call) =>
        call > 60 && call < 260 ? spoil(asked, output) : output,
      );
      if (verdictOf(run).verdict === 'illegal') found += 1;
    }
    // Among so few calls there may be none that is spoilt.
    expect(found).toBeGreaterThan(3);
  });

  it('judges trees apart from each other', () => {
    const operations: readonly InodeTreeOperation[] = ['x', 'y'].map((tree, process) => ({
      process,
      input: { kind: 'create', path: '/a', tree },
      invokedAt: process * 10,
      returnedAt: process * 10 + 5,
      outcome: 'done',
      output: { id: 2 + process },
    }));
    expect(checkLinearizability(inodeTree, operations)).toMatchObject({
      verdict: 'ok',
      statistics: { partitions: 2 },
    });
  });

  it('says what the calls and the tree were', () => {
    const done = { process: 1, invokedAt: 0, returnedAt: 1, outcome: 'done' } as const;
    const told = (call: InodeTreeInput, output: InodeTreeOutput) =>
      inodeTree.describe({ ...done, input: call, output });
    expect(told({ kind: 'rename', source: '/a', destination: '/b' }, { error: 'NOT_FOUND' })).toBe(
      'rename /a to /b → NOT_FOUND',
    );
    expect(told({ kind: 'list', path: '/' }, { entries: [['a', 2, 'file']] })).toBe(
      'list / → a (2)',
    );
    expect(told({ kind: 'getStatus', path: '/a' }, { id: 2, type: 'file' })).toBe(
      'getStatus /a → file 2',
    );
    const made = inodeTree.step(inodeTree.init(), {
      process: 1,
      invokedAt: 0,
      outcome: 'unknown',
      input: { kind: 'mkdir', path: '/a' },
    });
    expect(made && inodeTree.describeState(made)).toBe('the tree is /a/ (id unknown)');
    expect(inodeTree.describeState(inodeTree.init())).toBe('the tree is empty');
  });
});

describe('inodeTreeCalls', () => {
  it('reads calls and answers, and takes nothing else for one', () => {
    const call = { kind: 'delete', path: '/a/b' };
    expect(inodeTreeCalls.input(call)).toEqual({ ...call, recursive: false });
    for (const path of ['a', '/a/', '//a', '/a/../b', '/.', '']) {
      expect(inodeTreeCalls.input({ kind: 'list', path })).toBeUndefined();
    }
    for (const path of ['/', '/..a', '/a/.b/c.']) {
      expect(inodeTreeCalls.input({ kind: 'list', path })).toEqual({ kind: 'list', path });
    }
    const asked = { kind: 'getStatus', path: '/a' } as const;
    expect(inodeTreeCalls.output(asked, { id: 2, type: 'file' })).toEqual({ id: 2, type: 'file' });
    expect(inodeTreeCalls.output(asked, { error: 'NOT_FOUND' })).toEqual({ error: 'NOT_FOUND' });
    for (const answer of [{ id: 2 }, { error: 'EXPLODED' }, null, [], { entries: [] }]) {
      expect(inodeTreeCalls.output(asked, answer)).toBeUndefined();
    }
  });
});
