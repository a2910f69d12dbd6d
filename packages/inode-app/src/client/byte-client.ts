import { displayBytes, displayText } from '../display-names.js';
import { InodeAppError, isRefusalCode, refusalText } from '../errors.js';
import { MAX_LIST_PAGE, MAX_PATH_BYTES } from '../namespace/limits.js';
import { encodeCommand } from '../namespace/operations/command-codec.js';
import {
  type NamespaceCommand,
  type Operation,
  operationFault,
} from '../namespace/operations/operation-table.js';
import { type OperationResult, parseResults } from '../namespace/operations/result.js';
import { AS_MOUNTED, type Freshness } from '../namespace/queries/freshness.js';
import type { Page, PageEntry } from '../namespace/queries/list-directory.js';
import type { LockReport } from '../namespace/queries/list-locks.js';
import type { MountReport } from '../namespace/queries/list-mounts.js';
import type { ContentLocation } from '../namespace/queries/locate-content.js';
import type { NamedPlace } from '../namespace/queries/named-place.js';
import {
  encodeQuery,
  type FoundBy,
  parseAnswer,
  type QueryKind,
  type QueryOf,
} from '../namespace/queries/query-table.js';
import type { SyncProgress } from '../namespace/queries/sync-path.js';
import { type ByteString, textFromByteString } from '../namespace/tree/byte-string.js';
import { type Failure, isFailure } from '../namespace/tree/failure.js';
import type { Inode } from '../namespace/tree/inode.js';
import type { PathAndInode } from '../namespace/tree/inode-store.js';
import { WireError } from '../namespace/wire-fields.js';
import { connectionError } from './connection-error.js';

/** How a storage is described that may be mounted. */
export type DescribedPlace = Pick<QueryOf<'namedPlace'>, 'uri' | 'profile' | 'options'>;

/** How a directory is listed. */
export interface ListingOptions {
  readonly signal?: AbortSignal | undefined;
  readonly fresh?: Freshness | undefined;
  /** Told, with how far that is, that a directory still comes in for the first time; with undefined once that is over. */
  readonly onComingIn?: ((underWay: InodeAppError | undefined) => void) | undefined;
}

/** What these clients need of the framework's: it finds the leader, and tries again. */
export interface CommandClient {
  command(value: unknown, options: { readonly signal?: AbortSignal }): Promise<unknown>;
  query(
    value: unknown,
    options: { readonly consistency: 'linearizable'; readonly signal?: AbortSignal },
  ): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * The tree of a cluster in the system's own terms: paths are byte strings, results as they come.
 * Errors are InodeAppErrors. Programs use NamespaceClient.
 */
export class ByteClient implements AsyncDisposable {
  readonly #client: CommandClient;

  constructor(client: CommandClient) {
    this.#client = client;
  }

  /**
   * Carries out operations in order, in one step that others see wholly or not at all; a refused
   * one does not keep the others back. Rejects with UNAVAILABLE or OUTCOME_UNKNOWN.
   */
  run(command: NamespaceCommand, signal?: AbortSignal): Promise<readonly OperationResult[]> {
    const sent = this.#client.command(
      encodeCommand(command),
      signal === undefined ? {} : { signal },
    );
    // It was carried out, or refused: nobody knows.
    return answered(sent, 'unknown', (value) => parseResults(value, command.length));
  }

  /** Carries out one operation; the id of the inode it was about. Rejects with its refusal too. */
  async runOne(operation: Operation, signal?: AbortSignal): Promise<number> {
    const [result] = await this.run([operation], signal);
    if (result === undefined) throw new InodeAppError('ANSWER_INVALID', 'the answer is empty');
    if (typeof result !== 'number') throw operationRefusal(operation, result);
    return result;
  }

  /** Takes a mount out of the tree; the id that it had. The root's entries go in steps, each asked for in its turn. */
  async unmount(path: ByteString, force: boolean, signal?: AbortSignal): Promise<number> {
    for (;;) {
      try {
        return await this.runOne({ kind: 'unmount', path, force }, signal);
      } catch (error) {
        if (!isUnderWay(error)) throw error;
      }
    }
  }

  /** Rejects with NOT_FOUND, NOT_A_DIRECTORY or a fault of the path. */
  getStatus(path: ByteString, signal?: AbortSignal, fresh = AS_MOUNTED): Promise<Inode> {
    return this.#ask<'getStatus'>({ kind: 'getStatus', path, ...fresh }, signal);
  }

  /**
   * The inode with an id, and its path now; NOT_FOUND when it has gone, PATH_TOO_LONG when renames
   * above it made its path longer than paths may be.
   */
  async getStatusById(id: number, signal?: AbortSignal): Promise<PathAndInode> {
    try {
      return await this.#ask<'getStatusById'>({ kind: 'getStatusById', id }, signal);
    } catch (error) {
      throw error instanceof InodeAppError ? aboutId(id, error) : error;
    }
  }

  /** What a URI names, once the storage has been reached there. Rejects with STORAGE_INVALID and others. */
  namedPlace({ uri, profile, options }: DescribedPlace, signal?: AbortSignal): Promise<NamedPlace> {
    return this.#ask<'namedPlace'>({ kind: 'namedPlace', uri, profile, options }, signal);
  }

  /** All mounts, and how it is with their storages. */
  async mounts(signal?: AbortSignal): Promise<readonly MountReport[]> {
    return (await this.#ask<'mounts'>({ kind: 'mounts' }, signal)).mounts;
  }

  /** Who holds edges of the tree, and who waits for some. */
  async locks(signal?: AbortSignal): Promise<readonly LockReport[]> {
    return (await this.#ask<'locks'>({ kind: 'locks' }, signal)).locks;
  }

  /** Looks into a storage now, until that has ended. `onProgress` is told about each second how far it is. */
  async sync(
    path: ByteString,
    options: {
      readonly recursive: boolean;
      readonly onProgress?: ((progress: SyncProgress) => void) | undefined;
    },
    signal?: AbortSignal,
  ): Promise<SyncProgress> {
    const { recursive, onProgress } = options;
    const ask = (job?: number) => this.#ask<'sync'>({ kind: 'sync', path, recursive, job }, signal);
    let progress = await ask();
    while (!progress.ended) {
      onProgress?.(progress);
      progress = await ask(progress.job);
    }
    return progress;
  }

  /** Where the content of a file in a mount is. */
  location(
    path: ByteString,
    purpose: 'read' | 'write',
    signal?: AbortSignal,
  ): Promise<ContentLocation> {
    return this.#ask<'location'>({ kind: 'location', path, purpose }, signal);
  }

  /**
   * Entries of a directory behind a name, in byte order, from one moment. As long as it comes in for the first time it is
   * asked for again: each time the leader waits some seconds.
   */
  async listPage(path: ByteString, after: ByteString, options: ListingOptions = {}): Promise<Page> {
    const { signal, fresh = AS_MOUNTED, onComingIn } = options;
    const page = { path, after, limit: MAX_LIST_PAGE };
    const begin = performance.now();
    let waitedMs: number | undefined;
    try {
      for (;;) {
        try {
          return await this.#ask<'list'>({ kind: 'list', ...page, ...fresh, waitedMs }, signal);
        } catch (error) {
          if (!isUnderWay(error)) throw error;
          // What it has waited for so long is not too old by then.
          waitedMs = Math.floor(performance.now() - begin);
          onComingIn?.(error);
        }
      }
    } finally {
      if (waitedMs !== undefined) onComingIn?.(undefined);
    }
  }

  /** All entries behind a name; each page is from one moment, and the next is asked for in its turn. */
  async *entries(
    path: ByteString,
    after: ByteString,
    options: ListingOptions = {},
  ): AsyncGenerator<PageEntry, void> {
    for (let last: ByteString | undefined = after; last !== undefined; ) {
      const page: Page = await this.listPage(path, last, options);
      yield* page.entries;
      last = page.more ? page.entries.at(-1)?.name : undefined;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #ask<Kind extends QueryKind>(
    query: QueryOf<Kind>,
    signal: AbortSignal | undefined,
  ): Promise<FoundBy<Kind>> {
    const asked = this.#client.query(encodeQuery(query), {
      consistency: 'linearizable',
      ...(signal === undefined ? {} : { signal }),
    });
    const answer = await answered(asked, 'definite', (value) => parseAnswer(query, value));
    if (isFailure(answer)) throw refusal(answer);
    return answer;
  }
}

/** Something goes on step by step, and is to be asked for again. */
function isUnderWay(error: unknown): error is InodeAppError {
  return error instanceof InodeAppError && error.code === 'SYNC_UNDER_WAY';
}

/** The error for an operation that was refused. */
export function refusal([code, path, detail]: Failure): InodeAppError {
  const options = { path: textFromByteString(path) };
  if (!isRefusalCode(code)) {
    return new InodeAppError('ANSWER_INVALID', `refused with the unknown code ${code}`, options);
  }
  const more = detail === undefined ? '' : ` (${displayText(detail)})`;
  const outcome = code === 'MOUNT_GONE' ? 'unknown' : 'definite';
  const message = `${displayBytes(path)}: ${refusalText(code)}${more}`;
  return new InodeAppError(code, message, { ...options, outcome });
}

/** The same, which says what is out of its limits. */
export function operationRefusal(operation: Operation, failure: Failure): InodeAppError {
  const error = refusal(failure);
  const fault = error.code === 'ATTRIBUTE_INVALID' ? operationFault(operation) : undefined;
  if (fault === undefined) return error;
  const message = `${displayBytes(failure[1])}: ${fault}`;
  return new InodeAppError(error.code, message, { path: error.path });
}

/** The refusal of a question about an id: it has no path that could say what it is about. */
function aboutId(id: number, error: InodeAppError): InodeAppError {
  const { code, cause } = error;
  if (code === 'NOT_FOUND') {
    return new InodeAppError(code, `no entry has the inode id ${id}`, { cause });
  }
  if (code !== 'PATH_TOO_LONG') return error;
  const message =
    `inode ${id} is there, but its path has more than ${MAX_PATH_BYTES} bytes: ` +
    'give a directory above it a shorter name';
  return new InodeAppError(code, message, { cause });
}

/** What a request came to; `outcome` is told of an answer that makes no sense. */
async function answered<T>(
  request: Promise<unknown>,
  outcome: InodeAppError['outcome'],
  parse: (value: unknown) => T,
): Promise<T> {
  try {
    return parse(await request);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw connectionError(cause);
    const message = `the member's answer makes no sense: ${cause.message}`;
    throw new InodeAppError('ANSWER_INVALID', message, { cause, outcome });
  }
}
