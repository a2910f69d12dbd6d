import type { EffectiveOperation } from '../../../histories/operation.js';
import type { Model } from '../model.js';

export type KeyValueInput =
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  /** Adds `value` to the end of what is there. */
  | { readonly kind: 'append'; readonly key: string; readonly value: string };

/** Of a get the value, empty for a missing key; of the others null. */
export type KeyValueOutput = string | null;

type KeyValueOperation = EffectiveOperation<KeyValueInput, KeyValueOutput>;

/** The value of a key; null: one that no get returned, nor any get after further appends. */
type KeyValueState = string | null;

type KeyValueModel = Model<KeyValueState, KeyValueInput, KeyValueOutput>;

/** What becomes of a value when something is put or appended; undefined: that can't be. */
type Change = (state: KeyValueState, value: string) => KeyValueState | undefined;

/** Texts under keys, each key by itself. */
export const keyValue: KeyValueModel = keyValueOver({
  put: (_state, value) => value,
  append: (state, value) => (state ?? '') + value,
});

function keyValueOver({ put, append }: { put: Change; append: Change }): KeyValueModel {
  return {
    name: 'key-value',
    init: () => '',
    step(state, { input, ...end }) {
      if (input.kind === 'put') return put(state, input.value);
      if (input.kind === 'append') return append(state, input.value);
      if (end.outcome === 'unknown') return state;
      return state !== null && end.output === state ? state : undefined;
    },
    equal: (a, b) => a === b,
    hash: hashOf,
    readsOnly: ({ input }) => input.kind === 'get',
    partition: ({ key }) => key,
    effect: ({ input }) => (input.kind === 'get' ? 'get' : `${input.kind} ${input.value}`),
    specialize: specializedFor,
    describe: describeOperation,
    describeState: (state) =>
      state === null ? 'the value is one that no get returned' : `the value is ${quoted(state)}`,
    stateBytes: (state) => 2 * (state?.length ?? 0),
  };
}

function specializedFor(operations: readonly KeyValueOperation[]): KeyValueModel {
  const returned = new Set<string>();
  let isPut = false;
  for (const { input, ...end } of operations) {
    if (input.kind === 'put') isPut = true;
    if (input.kind !== 'get' || end.outcome !== 'done') continue;
    if (end.output !== null) returned.add(end.output);
  }
  const sorted = [...returned].sort();
  return isPut ? withPuts(sorted) : withoutPuts(sorted);
}

/** A value from which appends lead to none that a get returned is like any other such value. */
function withPuts(returned: readonly string[]): KeyValueModel {
  const seen = (value: string) => (isPrefixOfAny(value, returned) ? value : null);
  return keyValueOver({
    put: (_state, value) => seen(value),
    append: (state, value) => (state === null ? null : seen(state + value)),
  });
}

/**
 * Without puts the value only grows, towards the longest that was returned: until then everything
 * that is appended stands there, and after that nobody looks.
 */
function withoutPuts(returned: readonly string[]): KeyValueModel {
  let longest = '';
  for (const value of returned) if (value.length > longest.length) longest = value;
  return keyValueOver({
    put: () => undefined,
    append(state, value) {
      if (state === null || value === '') return state;
      if (state.length === longest.length) return null;
      if (!longest.startsWith(value, state.length)) return undefined;
      return longest.slice(0, state.length + value.length);
    },
  });
}

/** @param sorted in the order of JavaScript strings, which puts a prefix before what it begins */
function isPrefixOfAny(value: string, sorted: readonly string[]): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < value) low = middle + 1;
    else high = middle;
  }
  return sorted[low]?.startsWith(value) ?? false;
}

function describeOperation({ input, ...end }: KeyValueOperation): string {
  if (input.kind !== 'get') return `${input.kind} ${quoted(input.value)}`;
  return end.outcome === 'unknown' ? 'get' : `get → ${quoted(end.output ?? '')}`;
}

const MAX_QUOTED_CHARACTERS = 60;

/** The end tells most: it is what was appended last. */
function quoted(value: string): string {
  if (value.length <= MAX_QUOTED_CHARACTERS) return JSON.stringify(value);
  const end = JSON.stringify(value.slice(-MAX_QUOTED_CHARACTERS));
  return `...${end} (${value.length} characters)`;
}

const HASHED_CHARACTERS = 24;

/** Of the length and the end, so that long values cost no more than short ones. */
function hashOf(state: KeyValueState): number {
  if (state === null) return -1;
  let hash = state.length;
  for (let i = Math.max(0, state.length - HASHED_CHARACTERS); i < state.length; i++) {
    hash = (Math.imul(hash, 31) + state.charCodeAt(i)) | 0;
  }
  return hash;
}
