import { type ByteClient, refusal } from '../../client/byte-client.js';
import { type ByteString, NO_BYTES, sliceBytes } from '../../namespace/tree/byte-string.js';
import type { Inode } from '../../namespace/tree/inode.js';
import { childPath } from '../../namespace/tree/path.js';

/** Questions on their way at once; further ones wait. */
const QUESTIONS_OUTSTANDING = 64;

/** A wish to know what is at a name of a directory. */
interface Wish {
  readonly name: ByteString;
  resolve(inode: Inode): void;
  reject(error: unknown): void;
}

/**
 * Finds out what is in the tree already. Wishes of one turn about one directory share a listing:
 * when a tree is loaded again, that is a question a directory instead of one an entry.
 */
export class ExistingEntries {
  readonly #client: ByteClient;
  readonly #signal: AbortSignal | undefined;
  #wishes = new Map<ByteString, Wish[]>();
  #outstanding = 0;
  readonly #waiting: (() => Promise<void>)[] = [];

  constructor(client: ByteClient, signal?: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** What is there now; rejects as `getStatus` does. */
  find(directory: ByteString, name: ByteString): Promise<Inode> {
    return new Promise((resolve, reject) => {
      if (this.#wishes.size === 0) queueMicrotask(() => this.#ask());
      const wish = { name, resolve, reject };
      const others = this.#wishes.get(directory);
      if (others === undefined) this.#wishes.set(directory, [wish]);
      else others.push(wish);
    });
  }

  #ask(): void {
    const wishes = this.#wishes;
    this.#wishes = new Map();
    for (const [directory, group] of wishes) {
      this.#start(() => this.#answer(directory, group));
    }
  }

  #start(question: () => Promise<void>): void {
    if (this.#outstanding >= QUESTIONS_OUTSTANDING) {
      this.#waiting.push(question);
      return;
    }
    this.#outstanding += 1;
    void question().then(() => {
      this.#outstanding -= 1;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#start(next);
    });
  }

  async #answer(directory: ByteString, group: readonly Wish[]): Promise<void> {
    const [first] = group;
    if (group.length === 1 && first !== undefined) return this.#answerOne(directory, first);
    try {
      const [least = NO_BYTES] = group.map(({ name }) => name).sort();
      // The name without its last byte sorts before it, and little can stand in between.
      const page = await this.#client.listPage(directory, sliceBytes(least, 0, -1), this.#signal);
      const found = new Map(page.entries.map(({ name, inode }) => [name, inode]));
      const last = page.entries.at(-1)?.name ?? '';
      for (const wish of group) {
        const inode = found.get(wish.name);
        if (inode !== undefined) wish.resolve(inode);
        else if (page.more && wish.name > last) this.#start(() => this.#answerOne(directory, wish));
        else wish.reject(refusal(['NOT_FOUND', childPath(directory, wish.name)]));
      }
    } catch (error) {
      for (const wish of group) wish.reject(error);
    }
  }

  async #answerOne(directory: ByteString, { name, resolve, reject }: Wish): Promise<void> {
    try {
      resolve(await this.#client.getStatus(childPath(directory, name), this.#signal));
    } catch (error) {
      reject(error);
    }
  }
}
