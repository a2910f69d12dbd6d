import type { WireValue } from '@raft-ts/net';
import { StateMachineError } from '../../errors.js';

/** The named fields of a map that came from another process; each is checked when it is read. */
export class Fields {
  readonly #fields: ReadonlyMap<string, WireValue>;

  /** Throws ANSWER_INVALID, as every method does. */
  constructor(value: WireValue) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid('there is no map');
    }
    this.#fields = new Map(Object.entries(value));
  }

  /** Whatever it is. */
  value(name: string): WireValue {
    return this.#fields.get(name);
  }

  /** Undefined for null, too. */
  optional(name: string): WireValue {
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

  list(name: string): readonly WireValue[] {
    const value = this.#fields.get(name);
    if (Array.isArray(value)) return value;
    throw invalid(`${name} is no list`);
  }

  oneOf<const Name extends string>(name: string, names: readonly Name[]): Name {
    const value = this.#fields.get(name);
    const found = names.find((one) => one === value);
    if (found !== undefined) return found;
    throw invalid(`${name} is none of ${names.join(', ')}`);
  }
}

function invalid(what: string): StateMachineError {
  return new StateMachineError(
    'ANSWER_INVALID',
    `the member's status is not one that this version understands: ${what}`,
  );
}
