import { StateMachineError } from '../../errors.js';

/** The named fields of something, such as of a map from another process; each is checked when read. */
export class Fields {
  readonly #fields: ReadonlyMap<string, unknown>;

  /** Throws ANSWER_INVALID, as every method does. */
  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null) throw invalid('there are no fields');
    this.#fields = new Map(Object.entries(value));
  }

  /** Undefined for null, too. */
  optional(name: string): unknown {
    return this.#fields.get(name) ?? undefined;
  }

  number(name: string): number {
    const value = this.#fields.get(name);
    if (typeof value === 'number') return value;
    throw invalid(`${name} is no number`);
  }

  text(name: string): string {
    const value = this.#fields.get(name);
    if (typeof value === 'string') return value;
    throw invalid(`${name} is no text`);
  }

  optionalText(name: string): string | undefined {
    return this.optional(name) === undefined ? undefined : this.text(name);
  }

  flag(name: string): boolean {
    const value = this.#fields.get(name);
    if (typeof value === 'boolean') return value;
    throw invalid(`${name} is neither true nor false`);
  }

  list(name: string): readonly unknown[] {
    const value = this.#fields.get(name);
    if (Array.isArray(value)) return value;
    throw invalid(`${name} is no list`);
  }

  /** One of the names; all of the type have to be given. */
  oneOf<Name extends string>(name: string, names: Readonly<Record<Name, true>>): Name {
    const value = this.#fields.get(name);
    if (isNameOf(value, names)) return value;
    throw invalid(`${name} is none of ${Object.keys(names).join(', ')}`);
  }
}

function isNameOf<Name extends string>(
  value: unknown,
  names: Readonly<Record<Name, true>>,
): value is Name {
  return typeof value === 'string' && Object.hasOwn(names, value);
}

function invalid(what: string): StateMachineError {
  return new StateMachineError(
    'ANSWER_INVALID',
    `the member's status is not one that this version understands: ${what}`,
  );
}
