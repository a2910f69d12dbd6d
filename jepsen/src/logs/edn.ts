import { JepsenError } from '../errors.js';

/** A word with a colon: `:read` is the keyword `read`. */
export interface EdnKeyword {
  readonly keyword: string;
}

/** A map; its keys are any values. */
export interface EdnMap {
  /** Where it begins in the text that it was read from, in characters. */
  readonly at?: number;
  readonly entries: readonly (readonly [key: Edn, value: Edn])[];
}

/** What EDN can say, as far as histories need it: vectors, lists and sets are arrays, tags are left out. */
export type Edn = null | boolean | number | string | EdnKeyword | EdnMap | readonly Edn[];

/** Of values within values. */
const MAX_DEPTH = 64;

const BLANK = /(?:[\s,]|;[^\n]*)*/y;
const ATOM = /[^\s,;"()[\]{}]+/y;
const STRING = /"(?:[^"\\]|\\[\s\S])*"/y;
const INTEGER = /^[+-]?\d+N?$/;
const DECIMAL = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?M?$/;
const ENDS: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}', '#{': '}' };
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
const CHARACTERS: Readonly<Record<string, string>> = {
  ...{ newline: '\n', space: ' ', tab: '\t', return: '\r' },
};

export function isKeyword(value: Edn | undefined): value is EdnKeyword {
  return typeof value === 'object' && value !== null && 'keyword' in value;
}

export function isMap(value: Edn | undefined): value is EdnMap {
  return typeof value === 'object' && value !== null && 'entries' in value && !Array.isArray(value);
}

export function isSequence(value: Edn | undefined): value is readonly Edn[] {
  return Array.isArray(value);
}

/** Reads all values of a text (edn-format). */
export class EdnReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The line of a place in the text, from 1. */
  lineAt(at: number): number {
    return this.#text.slice(0, at).split('\n').length;
  }

  /**
   * The next value; undefined at the end.
   *
   * @throws JepsenError LOG_INVALID
   */
  next(): Edn | undefined {
    return this.#isAtEnd() ? undefined : this.#value(0);
  }

  #value(depth: number): Edn {
    if (depth > MAX_DEPTH) throw this.#invalid(`values are nested deeper than ${MAX_DEPTH}`);
    if (this.#isAtEnd()) throw this.#invalid('the text ends within a value');
    const character = this.#text[this.#at] ?? '';
    if (character === '"') return this.#string();
    if (character === '[' || character === '(') return this.#sequence(character, depth);
    if (character === '{') return this.#map(depth);
    if (character === '\\') return this.#character();
    if (character === '#') return this.#dispatched(depth);
    return this.#atom();
  }

  /** A set, a value to be passed over, or one with a tag. */
  #dispatched(depth: number): Edn {
    if (this.#text.startsWith('#{', this.#at)) return this.#sequence('#{', depth);
    if (this.#text.startsWith('#_', this.#at)) {
      this.#at += 2;
      this.#value(depth + 1);
      return this.#value(depth);
    }
    this.#take(ATOM);
    return this.#value(depth + 1);
  }

  #sequence(begin: string, depth: number): readonly Edn[] {
    const values: Edn[] = [];
    const end = ENDS[begin];
    for (this.#at += begin.length; !this.#isAtEnd() && this.#text[this.#at] !== end; ) {
      values.push(this.#value(depth + 1));
    }
    if (this.#text[this.#at] !== end) throw this.#invalid(`there is no ${end} for ${begin}`);
    this.#at += 1;
    return values;
  }

  #map(depth: number): EdnMap {
    const at = this.#at;
    const values = this.#sequence('{', depth);
    if (values.length % 2 !== 0) throw this.#invalid('a map has a key without a value');
    const entries: [Edn, Edn][] = [];
    for (let i = 0; i < values.length; i += 2) {
      entries.push([values[i] ?? null, values[i + 1] ?? null]);
    }
    return { at, entries };
  }

  #string(): string {
    const literal = this.#take(STRING);
    if (literal === '') throw this.#invalid('a string has no end');
    return literal
      .slice(1, -1)
      .replace(
        /\\(?:u([\da-fA-F]{4})|([\s\S]))/g,
        (_all, code: string | undefined, letter: string) =>
          code === undefined
            ? (ESCAPES[letter] ?? letter)
            : String.fromCharCode(Number.parseInt(code, 16)),
      );
  }

  #character(): string {
    this.#at += 1;
    const first = this.#text[this.#at] ?? '';
    const rest = /\w/.test(first) ? this.#take(ATOM) : first;
    if (rest === first) this.#at += rest === '' || /\w/.test(first) ? 0 : 1;
    return CHARACTERS[rest] ?? rest;
  }

  #atom(): Edn {
    const at = this.#at;
    const word = this.#take(ATOM);
    if (word === 'nil') return null;
    if (word === 'true' || word === 'false') return word === 'true';
    if (word.startsWith(':') && word.length > 1) return { keyword: word.slice(1) };
    if (INTEGER.test(word) || DECIMAL.test(word)) return numberOf(word.replace(/[NM]$/, ''));
    if (/^[A-Za-z*!_?$%&=<>.|/+-]/.test(word)) return word;
    throw this.#invalid(`no EDN: ${this.#text.slice(at, at + 60)}`, at);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [taken = ''] = pattern.exec(this.#text) ?? [];
    this.#at += taken.length;
    return taken;
  }

  #isAtEnd(): boolean {
    this.#take(BLANK);
    return this.#at >= this.#text.length;
  }

  #invalid(reason: string, at = this.#at): JepsenError {
    return new JepsenError('LOG_INVALID', `line ${this.lineAt(at)}: ${reason}`);
  }
}

/** A whole number that a number can't hold is left a text, so that it differs from others. */
function numberOf(word: string): number | string {
  const value = Number(word);
  return INTEGER.test(word) && !Number.isSafeInteger(value) ? word : value;
}

/** A value as EDN. */
export function ednOf(value: Edn): string {
  if (value === null) return 'nil';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if (isKeyword(value)) return `:${value.keyword}`;
  if (isMap(value)) {
    return `{${value.entries.map(([key, of]) => `${ednOf(key)} ${ednOf(of)}`).join(', ')}}`;
  }
  return `[${value.map(ednOf).join(' ')}]`;
}
