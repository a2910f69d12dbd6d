import { type ByteClient, refusal } from '../../client/byte-client.js';
import { type ByteString, NO_BYTES, sliceBytes } from '../../namespace/tree/byte-string.js';
import type { Inode } from '../../namespace/tree/inode.js';
import { childPath } from '../../namespace/tree/path.js';

/** Questions on their way at once; further ones wait. */
const QUESTIONS_OUTSTANDING = 64;

/** Part of a directory, as far as it was asked for. */
interface Listed {
  readonly inodes: ReadonlyMap<ByteString, Inode>;
  /** Whether a name that is not among them is not in the directory either. */
  covers(name: ByteString): boolean;
}

/**
 * Finds out what is in the tree already. What is asked in one turn about one directory shares a
 * listing: when a tree is loaded again, that is a question a directory instead of one an entry.
 */
export class ExistingEntries {
  readonly #client: ByteClient;
  readonly #signal: AbortSignal | undefined;
  /** The names that this turn asks about, by their directory. */
  readonly #asked = new Map<ByteString, { names: ByteString[]; listing: Promise<Listed> }>();
  #outstanding = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(client: ByteClient, signal?: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** What is there now; rejects as `getStatus` does. */
  async find(directory: ByteString, name: ByteString): Promise<Inode> {
    const asked = this.#asked.get(directory) ?? this.#gather(directory);
    asked.names.push(name);
    const { inodes, covers } = await asked.listing;
    const inode = inodes.get(name);
    if (inode !== undefined) return inode;
    const path = childPath(directory, name);
    if (covers(name)) throw refusal(['NOT_FOUND', path]);
    return this.#inTurn(() => this.#client.getStatus(path, this.#signal));
  }

  #gather(directory: ByteString) {
    const names: ByteString[] = [];
    const listing = Promise.resolve().then(() => this.#list(directory, names));
    const asked = { names, listing };
    this.#asked.set(directory, asked);
    return asked;
  }

  /** One name alone is not worth a listing. */
  async #list(directory: ByteString, names: readonly ByteString[]): Promise<Listed> {
    this.#asked.delete(directory);
    if (names.length === 1) return { inodes: new Map(), covers: () => false };
    const [least = NO_BYTES] = names.toSorted();
    // The name without its last byte sorts before it, and little can stand in between.
    const after = sliceBytes(least, 0, -1);
    const { entries, more } = await this.#inTurn(() =>
      this.#client.listPage(directory, after, this.#signal),
    );
    const last = entries.at(-1)?.name ?? '';
    return {
      inodes: new Map(entries.map(({ name, inode }) => [name, inode])),
      covers: (name) => !more || name <= last,
    };
  }

  async #inTurn<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#outstanding >= QUESTIONS_OUTSTANDING) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#outstanding += 1;
    try {
      return await ask();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#outstanding -= 1;
      else next();
    }
  }
}
