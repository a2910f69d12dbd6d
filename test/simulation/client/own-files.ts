import type { Operation as TreeOperation } from 'inode-app/store';
import { byteString, NO_ATTRIBUTES } from 'inode-app/store';
import type { Random } from '../random.js';
import {
  bytesOf,
  DIRECTORY,
  fileWord,
  fingerprintOf,
  INCOMPLETE,
  NOTHING,
  type Word,
} from '../storage/stored-files.js';

/** What is at paths below an own directory; what is not named is nothing. */
export type Words = ReadonlyMap<string, Word>;

/** How the files of a slot may have been, at moments from `fromMs` to `untilMs`. */
interface Version {
  readonly words: Words;
  readonly fromMs: number;
  untilMs: number;
}

/** What a client does next, and what it comes to. */
export interface Change {
  readonly operation: TreeOperation;
  /** What is to be written into the storage before. */
  readonly content: { readonly path: string; readonly number: number } | undefined;
  readonly after: Words;
  /** The refusal that there has to be, with nothing changed. */
  readonly refusal: string | undefined;
}

/**
 * Two names, and what is below them, that one client alone changes, one change after the other: so it is known how they
 * are, and how they may have been, until the outcome of a change is not known. Then nobody changes them any more.
 */
export class Slot {
  readonly names: readonly [string, string];
  readonly #versions: Version[];
  #next: Version | undefined;
  #isDoubtful = false;
  readonly #waiting: (() => void)[] = [];

  constructor(name: string, nowMs: number) {
    this.names = [`${name}a`, `${name}b`];
    const untilMs = Number.POSITIVE_INFINITY;
    this.#versions = [{ words: new Map(), fromMs: nowMs, untilMs }];
  }

  /** Nobody knows how they are. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  get words(): Words {
    return this.#versions.at(-1)?.words ?? new Map();
  }

  begins(after: Words, nowMs: number): void {
    this.#next = { words: after, fromMs: nowMs, untilMs: Number.POSITIVE_INFINITY };
  }

  /** `outcome`: of the change that was begun. */
  ends(outcome: 'done' | 'refused' | 'unknown', nowMs: number): void {
    const now = this.#versions.at(-1);
    if (outcome === 'unknown') this.#isDoubtful = true;
    else if (outcome === 'done' && now !== undefined && this.#next !== undefined) {
      now.untilMs = nowMs;
      this.#versions.push(this.#next);
    }
    this.#next = undefined;
    for (const tell of this.#waiting.splice(0)) tell();
  }

  /** Calls back once it is known what the change under way has come to. */
  whenKnown(tell: () => void): void {
    if (this.#next === undefined) tell();
    else this.#waiting.push(tell);
  }

  /** Whether all of this may have been seen in one moment of that time. */
  mayHaveBeen(seen: Words, fromMs: number, toMs: number): boolean {
    if (this.#isDoubtful) return true;
    return this.#versions.some(
      (version) =>
        version.fromMs <= toMs &&
        version.untilMs >= fromMs &&
        [...seen].every(([path, word]) => (version.words.get(path) ?? NOTHING) === word),
    );
  }

  /** Paths at which there has ever been something. */
  get paths(): readonly string[] {
    return [...new Set(this.#versions.flatMap(({ words }) => [...words.keys()]))];
  }
}

/** Whose directory it is. */
export interface OwnFilesParts {
  /** In the storage. */
  readonly directory: string;
  readonly random: Random;
  readonly newContent: () => number;
  readonly now: () => number;
}

const SLOTS = 3;

/** The directory of one client, in which nobody else changes anything. */
export class OwnFiles {
  readonly directory: string;
  readonly #parts: OwnFilesParts;
  /** Those that are in use first. */
  readonly slots: Slot[] = [];
  #made = 0;

  constructor(parts: OwnFilesParts) {
    this.directory = parts.directory;
    this.#parts = parts;
    while (this.slots.length < SLOTS) this.#make();
  }

  #make(): void {
    this.#made += 1;
    this.slots.push(new Slot(`x${this.#made}`, this.#parts.now()));
  }

  /** One that is known. */
  pick(): Slot {
    const known = this.slots.filter(({ isDoubtful }) => !isDoubtful);
    for (let missing = SLOTS - known.length; missing > 0; missing--) this.#make();
    return this.#parts.random.pick(this.slots.filter(({ isDoubtful }) => !isDoubtful));
  }

  /** The slot that a name of the directory belongs to. */
  slotOf(name: string): Slot | undefined {
    return this.slots.find(({ names }) => names.includes(name));
  }

  inTree(path: string) {
    return byteString(`/m/${this.directory}/${path}`);
  }

  /** Draws a change that is possible as the slot is, or is refused for a reason. */
  draw({ names, words }: Slot): Change {
    const { random } = this.#parts;
    const [one, other] = names;
    const name = words.has(other) ? other : one;
    const free = name === one ? other : one;
    switch (words.get(name)) {
      case undefined:
        return this.#drawFirst(words, random.pick(names));
      case INCOMPLETE:
        return random.chance(0.8) ? this.#complete(words, name) : this.#delete(words, name, false);
      case DIRECTORY:
        return this.#drawWithin(words, name, free);
      default:
        return random.chance(0.7)
          ? this.#rename(words, name, free)
          : this.#delete(words, name, random.chance(0.3));
    }
  }

  #drawFirst(words: Words, name: string): Change {
    switch (this.#parts.random.integer(0, 3)) {
      case 0:
        return this.#mkdir(words, name, false);
      case 1:
        return this.#mkdir(words, `${name}/d/e`, true);
      default:
        return this.#create(words, name);
    }
  }

  #drawWithin(words: Words, name: string, free: string): Change {
    const { random } = this.#parts;
    const child = `${name}/${random.pick(['d', 'f', 'g'])}`;
    const there = words.get(child);
    switch (random.integer(0, 7)) {
      case 0:
      case 1:
        return this.#rename(words, name, free);
      case 2:
        return this.#delete(words, name, random.chance(0.7));
      case 3:
        return this.#mkdir(words, `${name}/d/${random.pick(['e', 'h'])}`, true);
      default:
        if (there === undefined) {
          return child.endsWith('d')
            ? this.#mkdir(words, child, false)
            : this.#create(words, child);
        }
        if (there === INCOMPLETE) return this.#complete(words, child);
        if (random.chance(0.5)) return this.#delete(words, child, there === DIRECTORY);
        return this.#rename(words, child, `${name}/${random.pick(['d', 'f', 'g', 'h'])}`);
    }
  }

  #change(operation: TreeOperation, after: Words, refusal?: string): Change {
    return { operation, after, refusal, content: undefined };
  }

  #mkdir(words: Words, path: string, parents: boolean): Change {
    const operation = {
      kind: 'mkdir',
      path: this.inTree(path),
      parents,
      attributes: NO_ATTRIBUTES,
    } as const;
    const after = new Map(words);
    const levels = path.split('/');
    for (let depth = 1; depth <= levels.length; depth++) {
      const level = levels.slice(0, depth).join('/');
      const there = after.get(level) ?? DIRECTORY;
      if (there !== DIRECTORY) {
        return this.#change(
          operation,
          words,
          depth === levels.length ? 'ALREADY_EXISTS' : 'NOT_A_DIRECTORY',
        );
      }
      after.set(level, DIRECTORY);
    }
    return this.#change(operation, after);
  }

  #create(words: Words, path: string): Change {
    const operation = {
      kind: 'create',
      path: this.inTree(path),
      attributes: NO_ATTRIBUTES,
    } as const;
    return this.#change(operation, new Map(words).set(path, INCOMPLETE));
  }

  #complete(words: Words, path: string): Change {
    const number = this.#parts.newContent();
    const [size, fingerprint] = [bytesOf(number), fingerprintOf(number)];
    return {
      operation: {
        kind: 'complete',
        path: this.inTree(path),
        size,
        fingerprint: byteString(fingerprint),
      },
      content: { path: `${this.directory}/${path}`, number },
      after: new Map(words).set(path, fileWord(size, fingerprint)),
      refusal: undefined,
    };
  }

  #delete(words: Words, path: string, recursive: boolean): Change {
    const operation = { kind: 'delete', path: this.inTree(path), recursive } as const;
    const isWithin = (each: string) => each.startsWith(`${path}/`);
    if (!recursive && [...words.keys()].some(isWithin)) {
      return this.#change(operation, words, 'DIRECTORY_NOT_EMPTY');
    }
    return this.#change(
      operation,
      new Map([...words].filter(([each]) => each !== path && !isWithin(each))),
    );
  }

  #rename(words: Words, source: string, destination: string): Change {
    const operation = {
      kind: 'rename',
      source: this.inTree(source),
      destination: this.inTree(destination),
    } as const;
    if (source === destination) return this.#change(operation, words);
    if (words.has(destination)) return this.#change(operation, words, 'ALREADY_EXISTS');
    const after = [...words].map(([path, word]): readonly [string, Word] =>
      path === source || path.startsWith(`${source}/`)
        ? [`${destination}${path.slice(source.length)}`, word]
        : [path, word],
    );
    return this.#change(operation, new Map(after));
  }
}
