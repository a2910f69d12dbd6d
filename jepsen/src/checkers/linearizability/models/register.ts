import type { EffectiveOperation } from '../../../histories/operation.js';
import type { Model } from '../model.js';

/** What a register holds; null before the first write. */
export type RegisterValue = string | number | null;

export type RegisterInput =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly value: RegisterValue }
  | { readonly kind: 'compare-and-set'; readonly from: RegisterValue; readonly to: RegisterValue };

/** Of a read the value; of a compare-and-set whether the register held `from`; of a write null. */
export type RegisterOutput = RegisterValue | boolean;

type RegisterOperation = EffectiveOperation<RegisterInput, RegisterOutput>;

/** A value that none of the operations looks for, whichever it is. */
const UNSEEN = Symbol('a value that no operation looks for');

type RegisterState = RegisterValue | typeof UNSEEN;

/** One value that is read, written and compared-and-set. */
export const register: Model<RegisterState, RegisterInput, RegisterOutput> = registerOver(
  (value) => value,
);

/** @param seen the value, or UNSEEN where no operation can tell it from others */
function registerOver(
  seen: (value: RegisterValue) => RegisterState,
): Model<RegisterState, RegisterInput, RegisterOutput> {
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
    readsOnly: ({ input, ...end }) =>
      input.kind === 'read' ||
      (input.kind === 'compare-and-set' &&
        (input.from === input.to || (end.outcome === 'done' && end.output === false))),
    effect({ input }) {
      if (input.kind === 'read') return 'read';
      if (input.kind === 'write') return `write ${nameOf(seen(input.value))}`;
      return `compare-and-set ${nameOf(input.from)} ${nameOf(seen(input.to))}`;
    },
    specialize(operations) {
      const values = lookedFor(operations);
      return registerOver((value) => (values.has(value) ? value : UNSEEN));
    },
    describe: describeOperation,
    describeState: (state) =>
      state === UNSEEN ? 'the value is one that nobody looks for' : `the value is ${state}`,
    stateBytes: (state) => (typeof state === 'string' ? 2 * state.length : 0),
  };
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

/** Different for different values, also for 1 and '1'. */
function nameOf(state: RegisterState): string {
  return state === UNSEEN ? 'unseen' : JSON.stringify(state);
}

function hashOf(state: RegisterState): number {
  if (typeof state === 'number')
    return Number.isInteger(state) ? state | 0 : Math.trunc(state * 1e6);
  if (typeof state !== 'string') return -1;
  let hash = 0;
  for (let i = 0; i < state.length; i++) hash = Math.imul(hash, 31) + state.charCodeAt(i);
  return hash;
}
