import type { EntryStatus, NamespaceClient } from 'inode-app';
import type { Random } from '../simulation/random.js';
import { writeContent } from './content.js';
import type { Outcomes } from './outcomes.js';
import {
  directoriesOf,
  filesOf,
  isWithin,
  joined,
  moved,
  namesIn,
  type UnitState,
  withEntry,
  without,
} from './unit-state.js';

/** What names end with, besides a number. */
const ENDINGS = ['', ' ', '%20', 'é', '+&=?#', '日本', '\'"', '.d'];
const MAX_SIZE = 3000;
/** For how long content is written at most, milliseconds. */
const CONTENT_MS = 5_000;
/** How old what is answered may be. */
const FRESHNESS = [
  {},
  { syncIntervalMs: -1 },
  { syncIntervalMs: 0 },
  { syncIntervalMs: 500 },
] as const;

/** Changes that a unit tells of when it is not as it has to be. */
const LAST_CHANGES = 6;

/** What a unit needs. */
export interface UnitParts {
  readonly client: NamespaceClient;
  readonly random: Random;
  readonly outcomes: Outcomes;
}

/**
 * A directory that one client alone changes, one thing after the other, and only through the tree: what is there is known. It
 * ends when nobody knows how a change ended: it is in one of two states then.
 */
export class Unit {
  readonly path: string;
  readonly #parts: UnitParts;
  #possible: readonly [UnitState, ...UnitState[]] = [new Map()];
  #numbers = 0;
  readonly #changes: string[] = [];

  /** The directory exists. */
  constructor(path: string, parts: UnitParts) {
    this.path = path;
    this.#parts = parts;
  }

  /** One of them is how it is. */
  get possible(): readonly UnitState[] {
    return this.#possible;
  }

  /** What it asked for last, and what came of it. */
  get lastChanges(): readonly string[] {
    return this.#changes.slice(-LAST_CHANGES);
  }

  get #state(): UnitState {
    return this.#possible[0];
  }

  /** One thing, drawn. False when nothing more can be done here. */
  async next(): Promise<boolean> {
    const { random } = this.#parts;
    const all = [
      () => this.#makeDirectory(),
      () => this.#makeDirectories(),
      () => this.#makeFile(),
      () => this.#makeFile(),
      () => this.#makeFile(),
      () => this.#rename(),
      () => this.#rename(),
      () => this.#delete(),
      () => this.#getStatus(),
      () => this.#list(),
      () => this.#getAbsent(),
    ];
    await random.pick(all)();
    return this.#possible.length === 1;
  }

  #at(path: string): string {
    return path === '' ? this.path : `${this.path}/${path}`;
  }

  #newPath(within: readonly string[] = directoriesOf(this.#state)): string {
    const { random } = this.#parts;
    return joined(random.pick(within), `${++this.#numbers}${random.pick(ENDINGS)}`);
  }

  async #makeDirectory(): Promise<void> {
    const path = this.#newPath();
    const after = withEntry(this.#state, path, 'directory');
    await this.#change(after, `mkdir ${this.#at(path)}`, (client) => client.mkdir(this.#at(path)));
  }

  async #makeDirectories(): Promise<void> {
    const [upper, name] = [this.#newPath(), `${++this.#numbers}`];
    const lower = joined(upper, name);
    const after = withEntry(withEntry(this.#state, upper, 'directory'), lower, 'directory');
    await this.#change(after, `mkdir -p ${this.#at(lower)}`, (client) =>
      client.mkdir(this.#at(lower), { parents: true }),
    );
  }

  async #makeFile(): Promise<void> {
    const path = this.#newPath();
    const size = this.#parts.random.integer(0, MAX_SIZE);
    const [before, at] = [this.#state, this.#at(path)];
    const opened = withEntry(before, path, 'open');
    if (!(await this.#change(opened, `create ${at}`, (client) => client.create(at)))) return;
    try {
      const place = await this.#parts.client.location(at, 'write');
      await writeContent(place, size, AbortSignal.timeout(CONTENT_MS));
    } catch {
      // It stays as it is: what was sent may still arrive.
      this.#possible = [opened, opened];
      return;
    }
    const after = withEntry(before, path, size);
    const isDone = await this.#change(after, `complete ${at}`, (client) =>
      client.complete(at, { size }),
    );
    if (!isDone && this.#possible.length === 1) this.#possible = [opened, opened];
  }

  async #rename(): Promise<void> {
    const { random } = this.#parts;
    const state = this.#state;
    const directories = directoriesOf(state);
    const sources = [...directories.slice(1), ...filesOf(state)];
    if (sources.length === 0) return;
    const source = random.pick(sources);
    const destination = this.#newPath(directories.filter((each) => !isWithin(each, source)));
    const after = moved(state, source, destination);
    const [from, to] = [this.#at(source), this.#at(destination)];
    await this.#change(after, `rename ${from} ${to}`, (client) => client.rename(from, to));
  }

  async #delete(): Promise<void> {
    const state = this.#state;
    if (state.size === 0) return;
    const path = this.#parts.random.pick([...state.keys()]);
    const recursive = namesIn(state, path).length > 0;
    await this.#change(without(state, path), `delete ${this.#at(path)}`, (client) =>
      client.delete(this.#at(path), { recursive }),
    );
  }

  /** Whether it was done. */
  async #change(
    after: UnitState,
    what: string,
    perform: (client: NamespaceClient) => Promise<unknown>,
  ): Promise<boolean> {
    const { client, outcomes } = this.#parts;
    try {
      await perform(client);
      outcomes.acknowledged += 1;
      this.#possible = [after];
      this.#changes.push(`${what}: done`);
      return true;
    } catch (error) {
      this.#changes.push(`${what}: ${error}`);
      if (outcomes.failed(what, error) === 'unknown') this.#possible = [this.#state, after];
      return false;
    }
  }

  async #getStatus(): Promise<void> {
    const state = this.#state;
    if (state.size === 0) return;
    const [path, wanted] = this.#parts.random.pick([...state]);
    await this.#read(`stat ${this.#at(path)}`, async (client, fresh) => {
      const found = asFound(await client.getStatus(this.#at(path), fresh));
      return found === wanted ? undefined : `is ${found}, not ${wanted}`;
    });
  }

  async #list(): Promise<void> {
    const state = this.#state;
    const path = this.#parts.random.pick(directoriesOf(state));
    await this.#read(`list ${this.#at(path)}`, async (client, fresh) => {
      const names: string[] = [];
      for await (const { name } of client.list(this.#at(path), fresh)) names.push(name);
      const [found, wanted] = [names.sort(), namesIn(state, path)].map((each) =>
        JSON.stringify(each),
      );
      return found === wanted ? undefined : `is ${found}, not ${wanted}`;
    });
  }

  async #getAbsent(): Promise<void> {
    const path = this.#newPath();
    const { client, random, outcomes } = this.#parts;
    const fresh = freshness(random);
    const what = `stat ${this.#at(path)} ${JSON.stringify(fresh)}`;
    try {
      const { type } = await client.getStatus(this.#at(path), fresh);
      outcomes.fault(`${what}: a ${type} is there, and was never made`);
    } catch (error) {
      if (isCode(error, 'NOT_FOUND')) outcomes.acknowledged += 1;
      else outcomes.failed(what, error);
    }
  }

  async #read(
    what: string,
    read: (client: NamespaceClient, fresh: object) => Promise<string | undefined>,
  ): Promise<void> {
    const { client, random, outcomes } = this.#parts;
    const fresh = freshness(random);
    try {
      const difference = await read(client, fresh);
      outcomes.acknowledged += 1;
      if (difference !== undefined)
        outcomes.fault(`${what} ${JSON.stringify(fresh)} ${difference}`);
    } catch (error) {
      outcomes.failed(`${what} ${JSON.stringify(fresh)}`, error);
    }
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function freshness(random: Random): { readonly syncIntervalMs?: number } {
  return random.pick(FRESHNESS);
}

/** An entry as it is compared. */
export function asFound({ type, size, mounted }: EntryStatus) {
  if (type !== 'file') return type;
  return mounted?.complete === false ? 'open' : size;
}
