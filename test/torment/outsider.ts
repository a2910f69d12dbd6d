import { setTimeout as pause } from 'node:timers/promises';
import { NamespaceClient } from 'inode-app';
import type { Storage } from 'inode-app/storages';
import type { Random } from '../simulation/random.js';
import { writeContent } from './content.js';
import type { Outcomes } from './outcomes.js';
import type { TormentedStorage } from './tormented-storage.js';
import { asFound, isCode } from './unit.js';

const HOME = 'outside';
const MAX_SIZE = 3000;
const CALL_MS = 5_000;
const PAUSE_MS = 100;

/** What somebody made of a path: the size of a file there, a directory, or nothing. */
type Made = number | 'directory' | undefined;

/** Somebody who changes a storage behind the tree's back, and looks whether the tree sees it. */
export class Outsider {
  readonly ended: Promise<void>;
  /** Changes that the tree was asked about. */
  seen = 0;
  readonly #tormented: TormentedStorage;
  readonly #mounted: string;
  readonly #client: NamespaceClient;
  readonly #random: Random;
  readonly #outcomes: Outcomes;
  #ending = false;

  constructor(
    tormented: TormentedStorage,
    mounted: string,
    addresses: readonly string[],
    { random, outcomes }: { readonly random: Random; readonly outcomes: Outcomes },
  ) {
    this.#tormented = tormented;
    this.#mounted = mounted;
    this.#client = new NamespaceClient({ addresses });
    this.#random = random;
    this.#outcomes = outcomes;
    this.ended = this.#run().finally(() => this.#client.close());
    this.ended.catch(() => {});
  }

  end(): Promise<void> {
    this.#ending = true;
    return this.ended;
  }

  async #run(): Promise<void> {
    await using storage = await this.#tormented.open();
    await storage.makeDirectory(HOME, AbortSignal.timeout(CALL_MS));
    for (let number = 0; !this.#ending; number += 1) {
      await this.#changeAndLook(storage, `${HOME}/${number}`);
      await pause(PAUSE_MS);
    }
  }

  /**
   * Until the storage does not say that it has done what it was asked for: that may still happen to this path, and it is left
   * alone.
   */
  async #changeAndLook(storage: Storage, path: string): Promise<void> {
    let there: Made;
    while (!this.#ending) {
      const wanted = this.#random.pick<() => Made>([
        () => undefined,
        () => 'directory',
        () => this.#random.integer(0, MAX_SIZE),
      ])();
      try {
        await change(storage, path, there, wanted);
      } catch {
        return;
      }
      there = wanted;
      await this.#look(path, wanted);
      await pause(PAUSE_MS);
    }
  }

  async #look(path: string, wanted: Made): Promise<void> {
    const at = `${this.#mounted}/${path}`;
    while (!this.#ending) {
      try {
        const found = await this.#found(at);
        this.seen += 1;
        if (found === wanted) return;
        this.#outcomes.fault(`${at} was made ${wanted} in the storage, and is seen as ${found}`);
        return;
      } catch (error) {
        if (this.#outcomes.failed(`stat ${at}`, error) === 'unknown') return;
        await pause(PAUSE_MS);
      }
    }
  }

  async #found(at: string): Promise<Made | 'symlink' | 'open'> {
    try {
      return asFound(await this.#client.getStatus(at, { syncIntervalMs: 0 }));
    } catch (error) {
      if (isCode(error, 'NOT_FOUND')) return undefined;
      throw error;
    }
  }
}

/** Rejects where that is not known to have been done. */
async function change(storage: Storage, path: string, there: Made, wanted: Made): Promise<void> {
  const signal = AbortSignal.timeout(CALL_MS);
  if (there !== undefined && !(typeof there === 'number' && typeof wanted === 'number')) {
    await storage.remove(path, { recursive: true }, signal);
  }
  if (wanted === 'directory') await storage.makeDirectory(path, signal);
  else if (wanted !== undefined) {
    await writeContent(await storage.location(path, 'write', signal), wanted, signal);
  }
}
