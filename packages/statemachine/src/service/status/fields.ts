import { StateMachineError } from '../../errors.js';

/** Checks a value that came from another process; throws ANSWER_INVALID with the field's name. */
export type Read<T> = (value: unknown, name: string) => T;

export const number: Read<number> = (value, name) => {
  if (typeof value === 'number') return value;
  throw invalid(`${name} is no number`);
};

export const text: Read<string> = (value, name) => {
  if (typeof value === 'string') return value;
  throw invalid(`${name} is no text`);
};

export const flag: Read<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value;
  throw invalid(`${name} is neither true nor false`);
};

/** Undefined for null, too. */
export function optional<T>(read: Read<T>): Read<T | undefined> {
  return (value, name) => (value === undefined || value === null ? undefined : read(value, name));
}

export function list<T>(read: Read<T>): Read<readonly T[]> {
  return (value, name) => {
    if (Array.isArray(value)) return value.map((item: unknown) => read(item, name));
    throw invalid(`${name} is no list`);
  };
}

/** One of the names; all of the type have to be given. */
export function oneOf<Name extends string>(names: Readonly<Record<Name, true>>): Read<Name> {
  const isName = (value: unknown): value is Name =>
    typeof value === 'string' && Object.hasOwn(names, value);
  return (value, name) => {
    if (isName(value)) return value;
    throw invalid(`${name} is none of ${Object.keys(names).join(', ')}`);
  };
}

/** Takes the named fields out of a map, or of an object that holds more. */
export function fields<T>(readers: { readonly [Name in keyof T]-?: Read<T[Name]> }): Read<T> {
  const names = Object.keys(readers) as (keyof T & string)[];
  return (value, name) => {
    if (typeof value !== 'object' || value === null) throw invalid(`${name} has no fields`);
    const given = new Map<string, unknown>(Object.entries(value));
    // The readers, one a field, say that this is a T.
    const read = names.map((field) => [field, readers[field](given.get(field), field)] as const);
    return Object.fromEntries(read) as T;
  };
}

export function invalid(what: string): StateMachineError {
  return new StateMachineError(
    'ANSWER_INVALID',
    `the member's answer is not one that this version understands: ${what}`,
  );
}
