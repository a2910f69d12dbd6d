import { NamespaceClient } from 'inode-app';

const FILES_A_DIRECTORY = 200;
/** Directories that a client leaves behind it before it deletes the oldest. */
const KEPT_DIRECTORIES = 50;
/** Failovers, restarts and the moves of states happen within it. */
const TIMEOUT_MS = 120_000;

/** What clients do to the tree, and what has to be there afterwards. */
export class Load {
  readonly #clients: readonly LoadClient[];
  readonly #ended: Promise<unknown>;

  /** Each client keeps what it learns of members that come. */
  constructor(clients: number, addresses: readonly string[]) {
    const progress = new Progress();
    this.progress = progress;
    this.#clients = Array.from(
      { length: clients },
      (_, number) => new LoadClient(`/client-${number}`, addresses, progress),
    );
    this.#ended = Promise.all(this.#clients.map((client) => client.ended));
    this.#ended.catch(() => {});
  }

  readonly progress: Progress;

  /** Rejects when an operation fails though a cluster with a majority ought to do it. */
  get ended(): Promise<unknown> {
    return this.#ended;
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.end();
    await this.#ended;
  }

  /** What is not as it has to be, in words; nothing if all is there and nothing else. */
  async faults(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const client of this.#clients) found.push(...(await client.faults()));
    return found;
  }

  /** Files that have to be there. */
  get files(): number {
    return this.#clients.reduce((sum, client) => sum + client.files, 0);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.close();
  }
}

/** When something was acknowledged, of all clients together. */
export class Progress {
  operations = 0;
  longestMs = 0;
  #lastMs = performance.now();

  acknowledged(): void {
    const nowMs = performance.now();
    this.operations++;
    this.longestMs = Math.max(this.longestMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
  }
}

class LoadClient {
  readonly ended: Promise<void>;
  readonly #root: string;
  readonly #client: NamespaceClient;
  readonly #progress: Progress;
  /** Files in each directory; undefined: it was deleted. */
  readonly #directories: (number | undefined)[] = [];
  #ending = false;

  constructor(root: string, addresses: readonly string[], progress: Progress) {
    this.#root = root;
    this.#client = new NamespaceClient({ addresses, timeoutMs: TIMEOUT_MS });
    this.#progress = progress;
    this.ended = this.#run();
  }

  end(): void {
    this.#ending = true;
  }

  get files(): number {
    return this.#directories.reduce<number>((sum, files = 0) => sum + files, 0);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #run(): Promise<void> {
    await this.#acknowledged(this.#client.mkdir(this.#root));
    for (let number = 0; !this.#ending; number++) await this.#fill(number);
  }

  async #fill(number: number): Promise<void> {
    const directory = `${this.#root}/d-${number}`;
    await this.#acknowledged(this.#client.mkdir(directory));
    this.#directories.push(0);
    for (let file = 0; file < FILES_A_DIRECTORY && !this.#ending; file++) {
      await this.#acknowledged(this.#client.create(`${directory}/f-${file}`));
      this.#directories[number] = file + 1;
    }
    const oldest = number - KEPT_DIRECTORIES;
    if (oldest < 0 || this.#ending) return;
    await this.#acknowledged(this.#client.delete(`${this.#root}/d-${oldest}`, { recursive: true }));
    this.#directories[oldest] = undefined;
  }

  async #acknowledged(operation: Promise<number>): Promise<void> {
    await operation;
    this.#progress.acknowledged();
  }

  async faults(): Promise<readonly string[]> {
    const found: string[] = [];
    const there = new Set<string>();
    for await (const { name } of this.#client.list(this.#root)) there.add(name);
    for (const [number, files] of this.#directories.entries()) {
      const name = `d-${number}`;
      if (there.delete(name) !== (files !== undefined)) {
        found.push(`${this.#root}/${name} ${files === undefined ? 'came back' : 'is lost'}`);
      } else if (files !== undefined) {
        found.push(...(await this.#faultsIn(`${this.#root}/${name}`, files)));
      }
    }
    for (const name of there) found.push(`${this.#root}/${name} was never made`);
    return found;
  }

  async #faultsIn(directory: string, files: number): Promise<readonly string[]> {
    const there = new Set<string>();
    for await (const { name } of this.#client.list(directory)) there.add(name);
    const found: string[] = [];
    for (let file = 0; file < files; file++) {
      if (!there.delete(`f-${file}`)) found.push(`${directory}/f-${file} is lost`);
    }
    for (const name of there) found.push(`${directory}/${name} was never made`);
    return found;
  }
}
