import { type Argument, type Command, ScriptError } from './directive.js';

/** The arguments of one command; what does not fit throws a ScriptError. */
export class Arguments {
  readonly #command: string;
  readonly #all: readonly Argument[];

  constructor({ name, arguments: all }: Omit<Command, 'input'>) {
    this.#command = name;
    this.#all = all;
  }

  /** Those without `=`. */
  get words(): readonly string[] {
    return this.#all.filter(({ values }) => values.length === 0).map(({ key }) => key);
  }

  /** All words, as numbers. */
  get numbers(): readonly number[] {
    return this.words.map((word) => this.#number(word));
  }

  /** Word `position`, from 0, as a number. */
  number(position: number): number {
    const word = this.words[position];
    if (word === undefined) throw this.#wrong(`takes at least ${position + 1} numbers`);
    return this.#number(word);
  }

  /** The values of all arguments of this name; empty for none. */
  values(key: string): readonly string[] {
    return this.#all.filter((argument) => argument.key === key).flatMap(({ values }) => values);
  }

  value(key: string): string | undefined {
    return this.values(key)[0];
  }

  numberOf(key: string): number | undefined {
    const value = this.value(key);
    return value === undefined ? undefined : this.#number(value);
  }

  numbersOf(key: string): readonly number[] {
    return this.values(key).map((value) => this.#number(value));
  }

  flagOf(key: string): boolean | undefined {
    const value = this.value(key);
    if (value === undefined || value === 'true') return value === undefined ? undefined : true;
    if (value === 'false') return false;
    throw this.#wrong(`takes ${key}=true or ${key}=false, not ${value}`);
  }

  oneOf<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) throw this.#wrong(`takes ${key}=${choices.join('|')}, not ${value}`);
    return choice;
  }

  /** Refuses arguments with values of any other name. */
  allowOnly(keys: readonly string[]): void {
    for (const { key, values } of this.#all) {
      if (values.length > 0 && !keys.includes(key)) throw this.#wrong(`knows no ${key}=`);
    }
  }

  #number(word: string): number {
    if (!/^\d+$/.test(word)) throw this.#wrong(`takes numbers, not ${word}`);
    return Number(word);
  }

  #wrong(message: string): ScriptError {
    return new ScriptError(`${this.#command} ${message}`);
  }
}
