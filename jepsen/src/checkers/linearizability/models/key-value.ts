import type { DoneOperation, EffectiveOperation } from '../../../histories/operation.js';
import type { Model } from '../model.js';
import type { MomentText } from '../moments.js';
import { GrownValues } from './grown-values.js';
import { type ValueNature, wordsForValues } from './value-wording.js';

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

type Change = Exclude<KeyValueInput, { readonly kind: 'get' }>;

/** How values change, as far as the gets of a history can tell. */
interface Changes {
  /** What becomes of a value; undefined: that can't be. */
  put(state: KeyValueState, value: string): KeyValueState | undefined;
  append(state: KeyValueState, value: string): KeyValueState | undefined;
  /** Whether some get returned a value that begins with what is put, or has what is appended. */
  isSeen(change: Change): boolean;
  /** Whether a key that had this value, and another then, may have it again. */
  comesBack(value: string): boolean;
  /** Bytes that the text of a value takes in memory. */
  textBytes(value: string): number;
}

/** Texts under keys, each key by itself. */
export const keyValue: KeyValueModel = keyValueOver({
  put: (_state, value) => value,
  append: (state, value) => (state ?? '') + value,
  isSeen: () => true,
  comesBack: () => true,
  textBytes: ownText,
});

function keyValueOver(changes: Changes): KeyValueModel {
  return {
    name: 'key-value',
    init: () => '',
    step(state, { input, ...end }) {
      if (input.kind === 'put') return changes.put(state, input.value);
      if (input.kind === 'append') return changes.append(state, input.value);
      if (end.outcome === 'unknown') return state;
      return state !== null && end.output === state ? state : undefined;
    },
    equal: (a, b) => a === b,
    hash: hashOf,
    readsOnly: ({ input }) => input.kind === 'get',
    partition: ({ key }) => key,
    effect(operation) {
      const { input } = operation;
      if (input.kind !== 'get')
        return changes.isSeen(input) ? `${input.kind} ${input.value}` : input.kind;
      return operation.outcome === 'done' ? `get ${operation.output}` : 'get';
    },
    onlyIn({ input, output }) {
      if (input.kind !== 'get' || output === null || changes.comesBack(output)) return undefined;
      return output;
    },
    specialize: specializedFor,
    describe: describeOperation,
    inWords,
    describeState: (state) =>
      state === null ? 'the value is one that no get returned' : `the value is ${quoted(state)}`,
    stateBytes: (state) => STATE_BYTES + (state === null ? 0 : changes.textBytes(state)),
  };
}

function specializedFor(operations: readonly KeyValueOperation[]): KeyValueModel {
  const returned = new Set<string>();
  const put: string[] = [];
  const appended: string[] = [];
  for (const operation of operations) {
    const { input } = operation;
    if (input.kind === 'put') put.push(input.value);
    else if (input.kind === 'append') appended.push(input.value);
    else if (input.kind === 'get' && operation.outcome === 'done')
      returned.add(operation.output ?? '');
  }
  if (put.length === 0) return withoutPuts(returned);
  return withPuts(new GrownValues(returned, put, appended));
}

/** A value from which appends lead to none that a get returned is like any other such value. */
function withPuts(grown: GrownValues): KeyValueModel {
  const seen = (value: string) => (grown.isBeginning(value) ? value : null);
  return keyValueOver({
    put: (state, value) =>
      state === null || grown.mayGoOn(state, undefined) ? seen(value) : undefined,
    append(state, value) {
      if (state === null) return null;
      const next = state + value;
      return grown.mayGoOn(state, next) ? seen(next) : undefined;
    },
    isSeen: ({ kind, value }) => (kind === 'put' ? grown.isBeginning(value) : grown.isPart(value)),
    comesBack: (value) => grown.comesBack(value),
    textBytes: ownText,
  });
}

/**
 * Without puts the value only grows, towards the longest that was returned: until then everything
 * that is appended stands there, and after that nobody looks.
 */
function withoutPuts(returned: ReadonlySet<string>): KeyValueModel {
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
    isSeen: ({ kind, value }) => kind === 'append' && longest.includes(value),
    comesBack: () => false,
    textBytes: () => 0, // all are parts of the longest
  });
}

function ownText(value: string): number {
  return 2 * value.length;
}

function describeOperation({ input, ...end }: KeyValueOperation): string {
  if (input.kind !== 'get') return `${input.kind} ${quoted(input.value)}`;
  return end.outcome === 'unknown' ? 'get' : `get → ${quoted(end.output ?? '')}`;
}

const WORDS: ValueNature<KeyValueInput, KeyValueOutput> = {
  initial: '',
  leaves: ({ input }) => (input.kind === 'put' ? input.value : undefined),
  found: ({ input, output }) => (input.kind === 'get' ? (output ?? '') : undefined),
  tellFound: ({ output, invokedAt }, moment) =>
    `get at ${moment(invokedAt)} returned ${quoted(output ?? '')}`,
  show: (value) => quoted(`${value}`),
};

function inWords(
  contradiction: readonly DoneOperation<KeyValueInput, KeyValueOutput>[],
  operations: readonly KeyValueOperation[],
  moment: MomentText,
): string | undefined {
  const appends = operations.some(({ input }) => input.kind === 'append');
  if (!appends) return wordsForValues(WORDS, contradiction, operations, moment);
  // Values grow then: a put or what was there before may be part of any of them.
  if (operations.some(({ input }) => input.kind === 'put')) return undefined;
  return missingAppend(contradiction, moment);
}

/** A get that lacks what was appended before. */
function missingAppend(
  contradiction: readonly DoneOperation<KeyValueInput, KeyValueOutput>[],
  moment: MomentText,
): string | undefined {
  for (const { input, output, invokedAt } of contradiction) {
    if (input.kind !== 'get' || output === null) continue;
    const missing = contradiction.find(
      (other) =>
        other.input.kind === 'append' &&
        other.returnedAt < invokedAt &&
        !output.includes(other.input.value),
    );
    if (missing === undefined || missing.input.kind !== 'append') continue;
    const what = `${quoted(missing.input.value)}, whose append was acknowledged at`;
    return `get at ${moment(invokedAt)} returned ${quoted(output)} without ${what} ${moment(missing.returnedAt)}`;
  }
  return undefined;
}

/** Of a state, its text apart. */
const STATE_BYTES = 32;

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
