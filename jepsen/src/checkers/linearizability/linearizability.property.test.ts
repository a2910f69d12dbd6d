import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EffectiveOperation, Operation } from '../../histories/operation.js';
import { isLinearizableByForce, type PlainModel } from './brute-force.test.support.js';
import { Costs, MemoryShare } from './costs.js';
import { type Draft, historyOf } from './generated-history.test.support.js';
import type { Model } from './model.js';
import { appendOnlyList } from './models/append-only-list.js';
import { type KeyValueInput, type KeyValueOutput, keyValue } from './models/key-value.js';
import type { ListHash, ListInput, ListOutput } from './models/list-operation.js';
import { type RegisterInput, type RegisterOutput, register } from './models/register.js';
import { Relaxation } from './relaxation.js';
import { checkLinearizability } from './run.js';
import { Timeline } from './timeline.js';

/** A model of the checker, and the plainest program of the same thing. */
interface Subject<State, PlainState, Input, Output> {
  readonly model: Model<State, Input, Output>;
  readonly init: PlainState;
  /** Does what it is told. */
  readonly apply: (state: PlainState, input: Input) => readonly [PlainState, Output];
  readonly inputs: (maxLength: number) => fc.Arbitrary<readonly Input[]>;
  /** An answer that may be wrong. */
  readonly output: (input: Input, number: number) => Output;
  /** What outputs have to be, where that is less than to be those of `apply`. */
  readonly plain?: PlainModel<unknown, Input, Output>;
}

const MAX_OPERATIONS = 60;
const MAX_BRUTE_FORCE_OPERATIONS = 7;
/** Where most are of unknown outcome, there are more orders to try. */
const MAX_VAGUE_OPERATIONS = 5;
/** Histories a property; those of the subjects differ enough that more find no more. */
const RUNS = Number(process.env.LINEARIZABILITY_RUNS ?? 300);

const value = fc.integer({ min: 0, max: 2 });
const text = fc.constantFrom('a', 'b', 'ab');
const LIST_HASH: ListHash = {
  empty: 7,
  extend: (hash, appended) => (hash * 31 + Number(appended)) % 1_000_003,
};

const registerSubject = {
  model: register,
  init: null as RegisterOutput,
  apply(state: RegisterOutput, input: RegisterInput): [RegisterOutput, RegisterOutput] {
    if (input.kind === 'read') return [state, state];
    if (input.kind === 'write') return [input.value, null];
    return state === input.from ? [input.to, true] : [state, false];
  },
  inputs: (maxLength: number): fc.Arbitrary<readonly RegisterInput[]> =>
    fc.array(
      fc.oneof(
        fc.constant({ kind: 'read' as const }),
        fc.record({ kind: fc.constant('write' as const), value }),
        fc.record({ kind: fc.constant('compare-and-set' as const), from: value, to: value }),
      ),
      { maxLength, size: 'max' },
    ),
  output(input: RegisterInput, number: number): RegisterOutput {
    if (input.kind === 'read') return number % 3;
    return input.kind === 'write' ? null : number % 2 === 0;
  },
};

/** Each value is written once. */
const uniqueRegisterSubject = {
  ...registerSubject,
  inputs: (maxLength: number): fc.Arbitrary<readonly RegisterInput[]> =>
    registerSubject.inputs(maxLength).map((inputs) =>
      inputs.map((input, i) => {
        if (input.kind === 'write') return { ...input, value: i };
        return input.kind === 'compare-and-set' ? { ...input, to: i } : input;
      }),
    ),
};

const keyValueSubject = (kinds: readonly ('get' | 'put' | 'append')[]) => ({
  model: keyValue,
  init: '',
  apply(state: string, input: KeyValueInput): [string, KeyValueOutput] {
    if (input.kind === 'get') return [state, state];
    return [input.kind === 'put' ? input.value : state + input.value, null];
  },
  inputs: (maxLength: number): fc.Arbitrary<readonly KeyValueInput[]> =>
    fc.array(fc.record({ kind: fc.constantFrom(...kinds), key: fc.constant('k'), value: text }), {
      maxLength,
      size: 'max',
    }),
  output: (input: KeyValueInput, number: number): KeyValueOutput =>
    input.kind === 'get' ? (['', 'a', 'b', 'ab', 'aa'][number % 5] ?? '') : null,
});

/** Each text is put or appended once. */
const uniqueKeyValueSubject = {
  ...keyValueSubject(['get', 'get', 'put', 'append', 'append']),
  inputs: (maxLength: number): fc.Arbitrary<readonly KeyValueInput[]> =>
    keyValueSubject(['get', 'get', 'put', 'append', 'append'])
      .inputs(maxLength)
      .map((inputs) =>
        inputs.map((input, i) => (input.kind === 'get' ? input : { ...input, value: `${i};` })),
      ),
  output: (input: KeyValueInput, number: number): KeyValueOutput =>
    input.kind === 'get' ? (['', '0;', '1;', '0;1;', '1;2;'][number % 5] ?? '') : null,
};

const listSubject = {
  model: appendOnlyList(LIST_HASH),
  init: [] as readonly string[],
  apply(state: readonly string[], input: ListInput): [readonly string[], ListOutput] {
    const after = input.kind === 'append' ? [...state, input.value] : state;
    const { length } = after;
    if (input.kind === 'append') return [after, { length }];
    return [after, { length, hash: after.reduce(LIST_HASH.extend, LIST_HASH.empty) }];
  },
  inputs: (maxLength: number): fc.Arbitrary<readonly ListInput[]> =>
    fc
      .array(fc.constantFrom('append', 'append', 'read'), { maxLength, size: 'max' })
      .map((kinds) =>
        kinds.map((kind, i) => (kind === 'read' ? { kind } : { kind: 'append', value: `${i}` })),
      ),
  output: (input: ListInput, number: number): ListOutput =>
    input.kind === 'append'
      ? { length: 1 + (number % 3) }
      : { length: number % 3, hash: LIST_HASH.extend(LIST_HASH.empty, `${number % 2}`) },
};

/** Any hash will do, as long as all reads of one length have the same. */
interface UnknownList {
  readonly length: number;
  readonly hashes: ReadonlyMap<number, number | undefined>;
}

const unknownHashSubject: Subject<number, readonly string[], ListInput, ListOutput> = {
  ...listSubject,
  model: appendOnlyList(),
  plain: {
    init: (): UnknownList => ({ length: 0, hashes: new Map() }),
    step(state, { input, ...end }): UnknownList | undefined {
      const { length, hashes } = state as UnknownList;
      const after = input.kind === 'append' ? length + 1 : length;
      if (end.outcome === 'unknown') return { length: after, hashes };
      if (end.output.length !== after) return undefined;
      if (input.kind === 'append') return { length: after, hashes };
      const { hash } = end.output;
      if (hashes.has(length) && hashes.get(length) !== hash) return undefined;
      return { length, hashes: new Map(hashes).set(length, hash) };
    },
  },
};

function systemOf<State, PlainState, Input, Output>({
  init,
  apply,
}: Subject<State, PlainState, Input, Output>): (input: Input) => Output {
  let state = init;
  return (input) => {
    const [after, output] = apply(state, input);
    state = after;
    return output;
  };
}

/** By the definition alone. */
function isLegal<State, PlainState, Input, Output>(
  subject: Subject<State, PlainState, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): boolean {
  return subject.plain === undefined
    ? isLinearizableByForce(plainModel(subject), operations)
    : isLinearizableByForce(subject.plain, operations);
}

/** Outputs are compared by their text, those of unknown outcome not at all. */
function plainModel<State, PlainState, Input, Output>({
  init,
  apply,
}: Subject<State, PlainState, Input, Output>): PlainModel<PlainState, Input, Output> {
  return {
    init: () => init,
    step(state, operation: EffectiveOperation<Input, Output>) {
      const [after, output] = apply(state, operation.input);
      if (operation.outcome === 'unknown') return after;
      return JSON.stringify(output) === JSON.stringify(operation.output) ? after : undefined;
    },
  };
}

function drafts<Input>(
  inputs: fc.Arbitrary<readonly Input[]>,
  maxSpan: number,
): fc.Arbitrary<readonly Draft<Input>[]> {
  const span = fc.integer({ min: 0, max: maxSpan });
  const fate = fc.constantFrom('done', 'done', 'done', 'done', 'hidden', 'lost', 'failed' as const);
  return inputs.chain((all) =>
    fc.tuple(
      ...all.map((input) =>
        fc.record({
          ...{ input: fc.constant(input), before: span, after: span, fate },
          isBounded: fc.boolean(),
        }),
      ),
    ),
  );
}

/** Changes what some of the calls were answered, and when. */
function mutated<Input, Output>(
  operations: readonly Operation<Input, Output>[],
  mutations: readonly (readonly [place: number, what: number, much: number])[],
  outputOf: (input: Input, number: number) => Output,
): readonly Operation<Input, Output>[] {
  const result = [...operations];
  for (const [place, what, much] of mutations) {
    const at = place % Math.max(1, result.length);
    const operation = result[at];
    if (operation?.outcome !== 'done') continue;
    const { invokedAt, returnedAt, input } = operation;
    if (what === 0) result[at] = { ...operation, output: outputOf(input, much) };
    else {
      const shift = 5 * (much - 4);
      result[at] = { ...operation, invokedAt: invokedAt + shift, returnedAt: returnedAt + shift };
    }
  }
  return result;
}

/** Which operation, what of it, and how much. */
const mutation = fc.tuple(fc.nat(9), fc.nat(1), fc.nat(8));

/** Nobody knows whether it happened; if it did, then before it returned. */
function vague<Input, Output>(operation: Operation<Input, Output>): Operation<Input, Output> {
  if (operation.outcome !== 'done') return operation;
  const { process, input, invokedAt, returnedAt } = operation;
  return { process, input, invokedAt, outcome: 'unknown', latestAt: returnedAt };
}

/** What the relaxation alone finds. */
function relaxed<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
) {
  const costs = new Costs(100_000_000);
  const effective = operations.filter((operation) => operation.outcome !== 'failed');
  const specialized = model.specialize?.(effective) ?? model;
  const timeline = Timeline.prepare(effective, specialized, new MemoryShare(costs));
  if (timeline === undefined) throw new Error('there is no memory');
  const relaxation = new Relaxation(timeline, specialized, costs);
  const progress = relaxation.run(100_000);
  return { progress, order: progress === 'found' ? relaxation.order() : [] };
}

/** No operation had to be over before another was called that stands before it. */
function respectsTime(order: readonly EffectiveOperation<unknown, unknown>[]): boolean {
  return order.every((operation, i) => {
    const end = operation.outcome === 'done' ? operation.returnedAt : operation.latestAt;
    return order.slice(0, i).every(({ invokedAt }) => invokedAt <= (end ?? invokedAt));
  });
}

function testModel<State, PlainState, Input, Output>(
  name: string,
  subject: Subject<State, PlainState, Input, Output>,
): void {
  describe(`checkLinearizability of ${name}`, () => {
    /** Histories that were legal until up to three things in them were changed. */
    function forMutated(
      maxOperations: number,
      check: (operations: readonly Operation<Input, Output>[]) => void,
    ): void {
      fc.assert(
        fc.property(
          drafts(subject.inputs(maxOperations), 30),
          fc.array(mutation, { minLength: 1, maxLength: 3 }),
          (calls, mutations) => {
            const legal = historyOf(calls, systemOf(subject));
            check(mutated(legal, mutations, subject.output));
          },
        ),
        { numRuns: RUNS },
      );
    }

    it('finds legal what a system did that takes one call after the other', () => {
      const history = drafts(subject.inputs(MAX_OPERATIONS), 60);
      fc.assert(
        fc.property(history, (calls) => {
          const operations = historyOf(calls, systemOf(subject));
          expect(checkLinearizability(subject.model, operations).verdict).toBe('ok');
        }),
        { numRuns: RUNS },
      );
    });

    it('agrees with the definition where something went wrong', () => {
      const verdicts = { ok: 0, illegal: 0, unknown: 0 };
      forMutated(MAX_BRUTE_FORCE_OPERATIONS, (operations) => {
        const { verdict } = checkLinearizability(subject.model, operations);
        expect(verdict).toBe(isLegal(subject, operations) ? 'ok' : 'illegal');
        verdicts[verdict] += 1;
      });
      expect(Math.min(verdicts.ok, verdicts.illegal)).toBeGreaterThan(RUNS / 20);
    });

    it('is not contradicted by the relaxation, which decides most', () => {
      let decided = 0;
      forMutated(MAX_BRUTE_FORCE_OPERATIONS, (operations) => {
        const { progress, order } = relaxed(subject.model, operations);
        if (progress !== 'found' && progress !== 'exhausted') return;
        decided += 1;
        expect(progress).toBe(isLegal(subject, operations) ? 'found' : 'exhausted');
        if (progress === 'exhausted') return;
        const done = operations.filter(({ outcome }) => outcome === 'done');
        expect(order).toEqual(expect.arrayContaining(done));
        expect(new Set(order).size).toBe(order.length);
        expect(respectsTime(order)).toBe(true);
      });
      expect(decided).toBeGreaterThan(RUNS / 2);
    });

    it('names the fewest operations that contradict each other', () => {
      forMutated(MAX_VAGUE_OPERATIONS, (operations) => {
        const result = checkLinearizability(subject.model, operations);
        if (result.verdict !== 'illegal') return;
        const { contradiction } = result.explanation;
        const certain = (all: readonly unknown[]) =>
          operations.map((operation) => (all.includes(operation) ? operation : vague(operation)));
        expect(isLegal(subject, certain(contradiction))).toBe(false);
        for (const one of contradiction) {
          const others = contradiction.filter((other) => other !== one);
          expect(isLegal(subject, certain(others))).toBe(true);
        }
      });
    });

    it('shows an order up to where there is none', () => {
      forMutated(MAX_BRUTE_FORCE_OPERATIONS, (operations) => {
        const result = checkLinearizability(subject.model, operations);
        if (result.verdict !== 'illegal') return;
        const { stuck, order, underWay } = result.explanation;
        const end = stuck?.returnedAt ?? Number.NaN;
        const before = operations.filter(
          (operation) => operation.outcome === 'done' && operation.returnedAt < end,
        );
        expect(order).toEqual(expect.arrayContaining(before));
        for (const operation of underWay) expect(order).not.toContain(operation);
        expect(respectsTime(order)).toBe(true);
      });
    });
  });
}

testModel('a register', registerSubject);
testModel('a register of different values', uniqueRegisterSubject);
testModel('a key with puts', keyValueSubject(['get', 'get', 'put', 'append']));
testModel('a key with different puts', uniqueKeyValueSubject);
testModel('a key without puts', keyValueSubject(['get', 'append']));
testModel('a list whose hash is not known', unknownHashSubject);
testModel('a list whose hash is known', listSubject);
