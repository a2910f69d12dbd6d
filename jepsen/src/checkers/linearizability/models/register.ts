import type { EffectiveOperation } from '../../../histories/operation.js';
import type { Model } from '../model.js';
import { type ValueNature, wordsForValues } from './value-wording.js';

/** What a register holds; null before the first write. */
export type RegisterValue = string | number | null;

/** A call of a register: of the one named by `key` where there are several, each by itself. */
export type RegisterInput = { readonly key?: string } & (
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly value: RegisterValue }
  | { readonly kind: 'compare-and-set'; readonly from: RegisterValue; readonly to: RegisterValue }
);

/** Of a read the value; of a compare-and-set whether the register held `from`; of a write null. */
export type RegisterOutput = RegisterValue | boolean;

type RegisterOperation = EffectiveOperation<RegisterInput, RegisterOutput>;

/** A value that none of the operations looks for, whichever it is. */
const UNSEEN = Symbol('a value that no operation looks for');

type RegisterState = RegisterValue | typeof UNSEEN;

type RegisterModel = Model<RegisterState, RegisterInput, RegisterOutput>;

/** Values that are read, written and compared-and-set, each key's by itself. */
export const register: RegisterModel = registerOver({
  seen: (value) => value,
  comesBack: () => true,
});

/** What the operations of a history say about values. */
interface Values {
  /** The value, or UNSEEN where no operation can tell it from others. */
  seen(value: RegisterValue): RegisterState;
  /** Whether a register that had this value, and another then, may have it again. */
  comesBack(value: unknown): boolean;
}

function registerOver({ seen, comesBack }: Values): RegisterModel {
  return {
    name: 'register',
    init: () => seen(null),
    step(state, operation) {
      const { input } = operation;
      const output = operation.outcome === 'done' ? operation.output : undefined;
      switch (input.kind) {
        case 'read':
          return output === undefined || output === state ? state : undefined;
        case 'write':
          return seen(input.value);
        case 'compare-and-set': {
          const matches = input.from === state;
          if (output !== undefined && output !== matches) return undefined;
          return matches ? seen(input.to) : state;
        }
      }
    },
    equal: (a, b) => a === b,
    hash: hashOf,
    readsOnly: (operation) =>
      operation.input.kind === 'read' || didNotMatch(operation) || replacesByItself(operation),
    partition: ({ key }) => key,
    effect(operation) {
      const { input } = operation;
      const output = operation.outcome === 'done' ? nameOf(operation.output) : '';
      if (input.kind === 'read') return `read ${output}`;
      if (input.kind === 'write') return `write ${nameOf(seen(input.value))}`;
      return `${nameOf(input.from)} to ${nameOf(seen(input.to))} ${output}`;
    },
    onlyIn({ input, output }) {
      if (input.kind === 'write' || (input.kind === 'compare-and-set' && output === false)) {
        return undefined;
      }
      const value = input.kind === 'read' ? output : input.from;
      return typeof value === 'boolean' || comesBack(value) ? undefined : value;
    },
    specialize: (operations) => registerOver(valuesOf(operations)),
    describe: describeOperation,
    inWords: (contradiction, operations, moment) =>
      wordsForValues(WORDS, contradiction, operations, moment),
    describeState: (state) =>
      state === UNSEEN ? 'the value is one that nobody looks for' : `the value is ${state}`,
    stateBytes: (state) => (typeof state === 'string' ? 2 * state.length : 0),
  };
}

function didNotMatch(operation: RegisterOperation): boolean {
  const { input } = operation;
  if (input.kind !== 'compare-and-set' || operation.outcome !== 'done') return false;
  return operation.output === false;
}

function replacesByItself({ input }: RegisterOperation): boolean {
  return input.kind === 'compare-and-set' && input.from === input.to;
}

function valuesOf(operations: readonly RegisterOperation[]): Values {
  const values = lookedFor(operations);
  const sources = sourcesOf(operations);
  return {
    seen: (value) => (values.has(value) ? value : UNSEEN),
    comesBack: (value) => (sources.get(value) ?? 0) > 1,
  };
}

/** How many operations, or the beginning, may give the register a value. */
function sourcesOf(operations: readonly RegisterOperation[]): ReadonlyMap<unknown, number> {
  const sources = new Map<unknown, number>([[null, 1]]);
  for (const operation of operations) {
    const { input } = operation;
    if (input.kind === 'read' || didNotMatch(operation) || replacesByItself(operation)) continue;
    const value = input.kind === 'write' ? input.value : input.to;
    sources.set(value, (sources.get(value) ?? 0) + 1);
  }
  return sources;
}

/** All values that some operation can tell from others. */
function lookedFor(operations: readonly RegisterOperation[]): ReadonlySet<unknown> {
  const values = new Set<unknown>();
  for (const { input, ...end } of operations) {
    if (input.kind === 'compare-and-set') values.add(input.from);
    else if (input.kind === 'read' && end.outcome === 'done') values.add(end.output);
  }
  return values;
}

function describeOperation({ input, ...end }: RegisterOperation): string {
  const output = end.outcome === 'done' ? end.output : undefined;
  switch (input.kind) {
    case 'read':
      return output === undefined ? 'read' : `read → ${output}`;
    case 'write':
      return `write ${input.value}`;
    case 'compare-and-set': {
      const found = output === false ? ': did not match' : '';
      return `compare-and-set ${input.from} to ${input.to}${found}`;
    }
  }
}

const WORDS: ValueNature<RegisterInput, RegisterOutput> = {
  initial: null,
  leaves(operation) {
    const { input } = operation;
    if (input.kind === 'read' || didNotMatch(operation)) return undefined;
    return input.kind === 'write' ? input.value : input.to;
  },
  found({ input, output }) {
    if (input.kind === 'read') return output;
    return input.kind === 'compare-and-set' && output === true ? input.from : undefined;
  },
  tellFound({ input, output, invokedAt }, moment) {
    return input.kind === 'compare-and-set'
      ? `compare-and-set at ${moment(invokedAt)} found ${input.from}`
      : `read at ${moment(invokedAt)} returned ${output}`;
  },
  show: (value) => `${value}`,
};

/** Different for different values, also for 1 and '1'. */
function nameOf(value: RegisterState | boolean): string {
  return value === UNSEEN ? 'unseen' : JSON.stringify(value);
}

function hashOf(state: RegisterState): number {
  if (typeof state === 'number')
    return Number.isInteger(state) ? state | 0 : Math.trunc(state * 1e6);
  if (typeof state !== 'string') return -1;
  let hash = 0;
  for (let i = 0; i < state.length; i++) hash = Math.imul(hash, 31) + state.charCodeAt(i);
  return hash;
}
