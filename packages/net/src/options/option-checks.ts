import { readAddress } from '../address-form.js';
import type { OptionCheck } from './options-form.js';
import { shown } from './shown.js';

/** A check from what is taken, in words that stand behind "must be", and whether a value is that. */
function check<T>(taken: string, fits: (value: unknown) => boolean): OptionCheck<T> {
  return (value, field, problems): value is T => {
    if (fits(value)) return true;
    problems.push(`${field} must be ${taken}, not ${shown(value)}`);
    return false;
  };
}

/** From `least` to `most`, both included; Infinity, too, when that is `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): OptionCheck<number> {
  const unbounded = most === Number.POSITIVE_INFINITY ? ', or Infinity' : '';
  const range =
    most >= Number.MAX_SAFE_INTEGER
      ? `of at least ${least}${unbounded}`
      : `from ${least} to ${most}`;
  return check(
    `a whole number ${range}`,
    (value) =>
      typeof value === 'number' &&
      (Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY) &&
      value >= least &&
      value <= most,
  );
}

/** The longest that a timer can wait, milliseconds: beyond, it fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** For a timer. */
export const milliseconds: OptionCheck<number> = wholeNumber(1, MAX_TIMER_MS);

/** Fractions, too; from `least`, which may be -Infinity, to `most`, both included. */
export function number(least: number, most = Number.MAX_VALUE): OptionCheck<number> {
  return check(
    `a number ${rangeText(least, most)}`,
    (value) =>
      typeof value === 'number' &&
      value >= least &&
      value <= most &&
      value !== Number.NEGATIVE_INFINITY,
  );
}

function rangeText(least: number, most: number): string {
  if (least === Number.NEGATIVE_INFINITY) return `of at most ${most}`;
  return most === Number.MAX_VALUE ? `of at least ${least}` : `from ${least} to ${most}`;
}

/** A share of a whole. */
export const share: OptionCheck<number> = check(
  'a number from 0 to below 1',
  (value) => typeof value === 'number' && value >= 0 && value < 1,
);

export const yesOrNo: OptionCheck<boolean> = check(
  'true or false',
  (value) => typeof value === 'boolean',
);

/** Not an empty one. */
export const text: OptionCheck<string> = check(
  'a text that is not empty',
  (value) => typeof value === 'string' && value !== '',
);

export const bytes: OptionCheck<Uint8Array> = check(
  'a Uint8Array',
  (value) => value instanceof Uint8Array,
);

/** `host:port`, or `[v6]:port`. */
export const address: OptionCheck<string> = check(
  'host:port with a port up to 65535, such as 127.0.0.1:7000',
  (value) => typeof value === 'string' && readAddress(value) !== undefined,
);

/** One of another realm counts, so `instanceof` does not do. */
export const abortSignal: OptionCheck<AbortSignal> = check(
  'an AbortSignal',
  (value) =>
    hasMethods(value, ['addEventListener', 'throwIfAborted']) &&
    typeof Reflect.get(value, 'aborted') === 'boolean',
);

export function oneOf<T extends string | number | boolean>(
  ...values: readonly T[]
): OptionCheck<T> {
  const named = values.map((value) => (typeof value === 'string' ? `'${value}'` : `${value}`));
  return check(named.join(' or '), (value) => values.some((one) => one === value));
}

/** Of its arguments and result, its type alone tells. */
export function callback<T extends (...values: never[]) => unknown>(): OptionCheck<T> {
  return check('a function', (value) => typeof value === 'function');
}

/** What implements a contract: that these methods are there is all that is looked at. */
export function withMethods<T extends object>(
  ...methods: readonly (string & keyof T)[]
): OptionCheck<T> {
  const taken = methods.length === 0 ? 'an object' : `an object with ${methods.join(', ')}`;
  return check(taken, (value) => hasMethods(value, methods));
}

function hasMethods(value: unknown, methods: readonly string[]): value is object {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && methods.every((name) => typeof Reflect.get(value, name) === 'function');
}

/** At least `least`, each of which `each` takes. */
export function listOf<T>(each: OptionCheck<T>, least = 0): OptionCheck<readonly T[]> {
  const isList = check<readonly unknown[]>(
    least === 0 ? 'an array' : `an array of at least ${least}`,
    (value) => Array.isArray(value) && value.length >= least,
  );
  return (value, field, problems): value is readonly T[] =>
    isList(value, field, problems) &&
    // A hole is an element, too.
    Array.from(value, (one, at) => each(one, `${field}[${at}]`, problems)).every(Boolean);
}

/** A Map, or what is used like one. */
export function mapOf<Key, Value>(
  key: OptionCheck<Key>,
  each: OptionCheck<Value>,
): OptionCheck<ReadonlyMap<Key, Value>> {
  const isMap = check<ReadonlyMap<unknown, unknown>>('a Map', (value) =>
    hasMethods(value, ['get', 'has', 'entries']),
  );
  return (value, field, problems): value is ReadonlyMap<Key, Value> =>
    isMap(value, field, problems) &&
    [...value.entries()].every(
      ([one, other]) =>
        key(one, `a key of ${field}`, problems) && each(other, `${field}[${one}]`, problems),
    );
}

/** An object whose keys are whole numbers, as `key` takes them. */
export function recordOf<Value>(
  key: OptionCheck<number>,
  each: OptionCheck<Value>,
): OptionCheck<Readonly<Record<number, Value>>> {
  const isRecord = check<object>(
    'an object',
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  return (value, field, problems): value is Readonly<Record<number, Value>> =>
    isRecord(value, field, problems) &&
    Object.entries(value).every(
      ([one, other]) =>
        key(Number(one), `a key of ${field}`, problems) &&
        each(other, `${field}[${one}]`, problems),
    );
}

/** Of a field that need not be given, and has no default. */
export function optional<T>(given: OptionCheck<T>): OptionCheck<T | undefined> {
  return (value, field, problems): value is T | undefined =>
    value === undefined || given(value, field, problems);
}
