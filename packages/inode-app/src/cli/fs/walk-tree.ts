import type { ByteClient, Page } from '../../client/byte-client.js';
import { InodeAppError } from '../../errors.js';
import type { ByteString } from '../../namespace/byte-string.js';
import { type Inode, InodeType } from '../../namespace/inode.js';
import { MAX_LIST_PAGE } from '../../namespace/limits.js';
import { childPath } from '../../namespace/path.js';

/** Subdirectories of one page that are asked for before their turn. */
const PAGES_AHEAD = 16;
/** Entries held for later in all, those on their way counted as full pages: about 40 MB. */
const ENTRIES_AHEAD = 100_000;

/** What a walk comes to: an entry, or a directory that could not be listed. */
export type WalkStep =
  | { readonly path: ByteString; readonly name: ByteString; readonly inode: Inode }
  | { readonly path: ByteString; readonly error: InodeAppError };

/** A page asked for before its turn. It never rejects: what went wrong is told in its turn. */
interface Ahead {
  readonly answer: Promise<{ readonly page: Page } | { readonly error: unknown }>;
  /** Entries that it counts for. */
  held: number;
}

/** A directory that the walk is in. */
interface Frame {
  readonly path: ByteString;
  page: Page;
  /** Position in the page. */
  next: number;
  /** Position up to which subdirectories were asked for. */
  asked: number;
  readonly ahead: Map<number, Ahead>;
}

/**
 * Walks the tree below a directory, which is not among the steps: a directory before its entries,
 * entries in byte order. Listings are fetched ahead, several at once, as far as memory allows.
 * A page is one question, which can be asked of another member again: a change of leader delays
 * the walk and loses nothing. What changes meanwhile may be seen or not; each page is one moment.
 */
export class TreeWalk {
  readonly #client: ByteClient;
  readonly #signal: AbortSignal | undefined;
  #held = 0;

  constructor(client: ByteClient, signal?: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** Rejects when the cluster does not answer; a directory that went away is a step. */
  async *below(path: ByteString): AsyncGenerator<WalkStep, void> {
    const top = await this.#open(path, this.#ask(path, '', 0));
    if ('error' in top) {
      yield top;
      return;
    }
    const frames: Frame[] = [top];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const entry = frame.page.entries[frame.next];
      if (entry === undefined) {
        const failed = await this.#turnPage(frame);
        if (failed !== undefined) yield failed;
        if (frame.page.entries.length === 0) frames.pop();
        continue;
      }
      const position = frame.next;
      frame.next += 1;
      const { name, inode } = entry;
      const entryPath = childPath(frame.path, name);
      yield { path: entryPath, name, inode };
      if (inode.type !== InodeType.Directory) continue;
      this.#lookAhead(frame);
      const ahead = frame.ahead.get(position) ?? this.#ask(entryPath, '', 0);
      frame.ahead.delete(position);
      const inner = await this.#open(entryPath, ahead);
      if ('error' in inner) yield inner;
      else frames.push(inner);
    }
  }

  async #open(
    path: ByteString,
    ahead: Ahead,
  ): Promise<Frame | { readonly path: ByteString; readonly error: InodeAppError }> {
    const answer = await ahead.answer;
    this.#held -= ahead.held;
    if ('page' in answer) {
      return { path, page: answer.page, next: 0, asked: 0, ahead: new Map() };
    }
    return { path, error: gone(answer.error) };
  }

  /** Fetches what is behind the last name; an empty page when there is nothing. */
  async #turnPage(frame: Frame): Promise<WalkStep | undefined> {
    const last = frame.page.entries.at(-1);
    const more = frame.page.more && last !== undefined;
    frame.page = { entries: [], more: false };
    frame.next = 0;
    frame.asked = 0;
    if (!more) return undefined;
    const following = await this.#open(frame.path, this.#ask(frame.path, last.name, 0));
    if ('error' in following) return following;
    frame.page = following.page;
    return undefined;
  }

  /** Asks for the listings of the next subdirectories of the page. */
  #lookAhead(frame: Frame): void {
    const { entries } = frame.page;
    frame.asked = Math.max(frame.asked, frame.next);
    while (frame.asked < entries.length && frame.ahead.size < PAGES_AHEAD) {
      const entry = entries[frame.asked];
      if (entry !== undefined && entry.inode.type === InodeType.Directory) {
        if (this.#held + MAX_LIST_PAGE > ENTRIES_AHEAD) return;
        frame.ahead.set(
          frame.asked,
          this.#ask(childPath(frame.path, entry.name), '', MAX_LIST_PAGE),
        );
      }
      frame.asked += 1;
    }
  }

  #ask(path: ByteString, after: ByteString, held: number): Ahead {
    const ahead: Ahead = {
      held,
      answer: this.#client.listPage(path, after, this.#signal).then(
        (page) => {
          if (held > 0) {
            this.#held += page.entries.length - ahead.held;
            ahead.held = page.entries.length;
          }
          return { page };
        },
        (error: unknown) => ({ error }),
      ),
    };
    this.#held += held;
    return ahead;
  }
}

/** Others may remove or replace what a walk has yet to come to; anything else ends it. */
function gone(error: unknown): InodeAppError {
  if (
    error instanceof InodeAppError &&
    (error.code === 'NOT_FOUND' || error.code === 'NOT_A_DIRECTORY')
  ) {
    return error;
  }
  throw error;
}
