import type { ByteClient, ListingOptions } from '../../client/byte-client.js';
import { displayBytes } from '../../display-names.js';
import { InodeAppError } from '../../errors.js';
import { MAX_LIST_PAGE, MAX_PATH_BYTES } from '../../namespace/limits.js';
import type { Page } from '../../namespace/queries/list-directory.js';
import { type ByteString, NO_BYTES, textFromByteString } from '../../namespace/tree/byte-string.js';
import { type Inode, InodeType } from '../../namespace/tree/inode.js';
import { childPath } from '../../namespace/tree/path.js';

/** Listings asked for before their turn and not answered yet. */
const QUESTIONS_AHEAD = 16;
/** Entries held for later in all, listings on their way counted as full pages: about 40 MB. */
export const ENTRIES_AHEAD = 100_000;

/** What a walk comes to: an entry, or a directory that could not be listed. */
export type WalkStep =
  | { readonly path: ByteString; readonly inode: Inode }
  | { readonly path: ByteString; readonly error: InodeAppError };

type Answer = { readonly page: Page } | { readonly error: unknown };

/** A directory that the walk is in, or comes to later. */
class Listing {
  /** Its first page, once it was asked for; never rejects: what went wrong is told in its turn. */
  answer: Promise<Answer> | undefined;
  /** Its page, once it is here, and the position in it. */
  page: Page | undefined;
  next = 0;
  /** The subdirectories in the page that the walk has yet to come to, in order. */
  subdirectories: Listing[] = [];
  /** What it counts for among what is held for later. */
  held = 0;
  /** Nothing is left to ask for in it and below it. */
  asked = false;

  constructor(readonly path: ByteString) {}

  open(page: Page, enters: (path: ByteString) => boolean): void {
    this.page = page;
    this.next = 0;
    this.subdirectories = page.entries
      .filter(({ inode }) => inode.type === InodeType.Directory)
      .map(({ name }) => childPath(this.path, name))
      .filter(enters)
      .map((path) => new Listing(path));
    this.asked = false;
  }

  /** Forgets its page; answers to what was asked of it and right below it are not waited for. */
  close(): void {
    this.answer = undefined;
    this.page = undefined;
    for (const subdirectory of this.subdirectories) subdirectory.answer = undefined;
    this.subdirectories = [];
    this.held = 0;
    this.asked = false;
  }
}

interface TreeWalkOptions {
  /** How each directory is listed. */
  readonly listing?: ListingOptions | undefined;
  readonly entriesAhead?: number;
  /** Whether the walk goes into the directory at a path; asked when it is first seen. */
  readonly enters?: (path: ByteString) => boolean;
}

/**
 * Walks the tree below a directory, which is not among the steps: a directory before its entries,
 * entries in byte order. Listings are fetched ahead, several at once, what comes first the first;
 * what is held of them is bounded. A page is one question, which can be asked of another member
 * again: a change of leader delays the walk and loses nothing. What changes meanwhile may be seen
 * or not; each page is one moment.
 */
export class TreeWalk {
  readonly #client: ByteClient;
  readonly #listing: ListingOptions | undefined;
  readonly #entriesAhead: number;
  readonly #enters: (path: ByteString) => boolean;
  #questions = 0;
  #held = 0;
  /** From the top to where the walk is. */
  #frames: Listing[] = [];

  constructor(client: ByteClient, options: TreeWalkOptions = {}) {
    this.#client = client;
    this.#listing = options.listing;
    this.#entriesAhead = options.entriesAhead ?? ENTRIES_AHEAD;
    this.#enters = options.enters ?? (() => true);
  }

  /** Rejects when the cluster does not answer; a directory that cannot be listed is a step. */
  async *below(path: ByteString): AsyncGenerator<WalkStep, void> {
    const frames: Listing[] = [];
    this.#frames = frames;
    let entered: Listing | undefined = new Listing(path);
    for (;;) {
      if (entered !== undefined) {
        const failure = await this.#enter(entered);
        if (failure === undefined) frames.push(entered);
        else yield { path: entered.path, error: failure };
        entered = undefined;
      }
      const frame = frames.at(-1);
      if (frame === undefined) return;
      const entry = frame.page?.entries[frame.next];
      if (entry !== undefined) {
        frame.next += 1;
        const path = childPath(frame.path, entry.name);
        yield { path, inode: entry.inode };
        if (frame.subdirectories[0]?.path === path) entered = frame.subdirectories.shift();
      } else {
        const failure = await this.#turnPage(frame);
        if (failure !== undefined) yield { path: frame.path, error: failure };
        if (frame.page === undefined || frame.page.entries.length === 0) frames.pop();
      }
    }
  }

  /** Takes a directory's first page, asked for before or now. */
  async #enter(listing: Listing): Promise<InodeAppError | undefined> {
    listing.answer ??= this.#ask(listing, NO_BYTES);
    this.#lookAhead();
    const answer = await listing.answer;
    this.#held -= listing.held;
    listing.held = 0;
    if ('error' in answer) return unlisted(listing.path, answer.error);
    if (listing.page === undefined) listing.open(answer.page, this.#enters);
    this.#lookAhead();
    return undefined;
  }

  /** Fetches what is behind the last name; no page when there is nothing. */
  async #turnPage(listing: Listing): Promise<InodeAppError | undefined> {
    const { page } = listing;
    const last = page?.entries.at(-1);
    listing.close();
    if (page?.more !== true || last === undefined) return undefined;
    const answer = await this.#ask(listing, last.name);
    if ('error' in answer) return unlisted(listing.path, answer.error);
    listing.open(answer.page, this.#enters);
    this.#lookAhead();
    return undefined;
  }

  #ask(listing: Listing, after: ByteString): Promise<Answer> {
    return this.#client.listPage(listing.path, after, this.#listing).then(
      (page) => ({ page }),
      (error: unknown) => ({ error }),
    );
  }

  /** Asks for what the walk comes to next, as far as there is room. */
  #lookAhead(): void {
    while (this.#questions < QUESTIONS_AHEAD) {
      const next = this.#firstUnasked();
      if (next === undefined || !this.#makeRoom(next)) return;
      void this.#askAhead(next);
    }
  }

  async #askAhead(listing: Listing): Promise<void> {
    this.#questions += 1;
    this.#held += MAX_LIST_PAGE;
    listing.held = MAX_LIST_PAGE;
    const question = this.#ask(listing, NO_BYTES);
    listing.answer = question;
    const answer = await question;
    this.#questions -= 1;
    if (listing.answer !== question) {
      // It was given up to make room.
      this.#held -= MAX_LIST_PAGE;
      return;
    }
    const entries = 'page' in answer ? answer.page.entries.length : 0;
    this.#held += entries - listing.held;
    listing.held = entries;
    if ('page' in answer) listing.open(answer.page, this.#enters);
    else listing.asked = true;
    this.#lookAhead();
  }

  /** The next directory on the walk that was not asked for, as far as directories are known. */
  #firstUnasked(): Listing | undefined {
    for (let depth = this.#frames.length - 1; depth >= 0; depth -= 1) {
      const found = firstUnaskedBelow(this.#frames[depth]);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Gives up pages whose turn comes later than this one's; false when there are none. */
  #makeRoom(listing: Listing): boolean {
    while (this.#held + MAX_LIST_PAGE > this.#entriesAhead) {
      const last = this.#lastHeld();
      if (last === undefined || !comesBefore(listing.path, last.path)) return false;
      this.#held -= last.held;
      last.close();
    }
    return true;
  }

  #lastHeld(): Listing | undefined {
    for (const frame of this.#frames) {
      const found = lastHeldBelow(frame);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function firstUnaskedBelow(listing: Listing | undefined): Listing | undefined {
  if (listing === undefined || listing.asked || listing.page === undefined) return undefined;
  let waiting = false;
  for (const subdirectory of listing.subdirectories) {
    if (subdirectory.answer === undefined) return subdirectory;
    if (subdirectory.asked) continue;
    const found = firstUnaskedBelow(subdirectory);
    if (found !== undefined) return found;
    waiting ||= !subdirectory.asked;
  }
  listing.asked = !waiting;
  return undefined;
}

/** The last page below that is here: no page that is here lies below it. */
function lastHeldBelow(listing: Listing): Listing | undefined {
  for (let at = listing.subdirectories.length - 1; at >= 0; at -= 1) {
    const subdirectory = listing.subdirectories[at];
    if (subdirectory?.page === undefined) continue;
    // What is given up can be asked for again.
    listing.asked = false;
    subdirectory.asked = false;
    return lastHeldBelow(subdirectory) ?? subdirectory;
  }
  return undefined;
}

/** Whether a walk comes to one path before the other: a slash sorts before everything. */
export function comesBefore(path: ByteString, other: ByteString): boolean {
  return path.replaceAll('/', '\0') < other.replaceAll('/', '\0');
}

/** Why one directory cannot be listed, and others can: it has gone, or its storage does not tell. */
const OF_ONE_DIRECTORY: ReadonlySet<string> = new Set([
  'NOT_FOUND',
  'NOT_A_DIRECTORY',
  'LOCKED',
  'MOUNT_BUSY',
  'STORAGE_FAILED',
  'STORAGE_FORBIDDEN',
  'STORAGE_INVALID',
  'STORAGE_UNREACHABLE',
]);

/**
 * Others may remove or replace what a walk has yet to come to, or give what is above it a longer
 * name, so that its path can't be asked for, and storages may be silent; anything else ends the walk.
 */
function unlisted(path: ByteString, error: unknown): InodeAppError {
  if (!(error instanceof InodeAppError)) throw error;
  if (OF_ONE_DIRECTORY.has(error.code)) return error;
  if (error.code !== 'PATH_TOO_LONG') throw error;
  const message =
    `${displayBytes(path)}: cannot be listed: its path has more than ${MAX_PATH_BYTES} bytes; ` +
    'give a directory above it a shorter name';
  return new InodeAppError(error.code, message, { path: textFromByteString(path), cause: error });
}
