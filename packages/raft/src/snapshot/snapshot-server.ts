import {
  type Clock,
  contentRange,
  type HttpRequest,
  type HttpResponse,
  pause,
  problem,
  RateLimit,
  selectRange,
  waitingClock,
  withTimeout,
} from '@raft-ts/net';
import {
  completeOptions,
  milliseconds,
  nested,
  number,
  type OptionsForm,
  text,
  wholeNumber,
  withMethods,
} from '@raft-ts/net/options';
import { GROUP } from '../core/group.js';
import { optionsInvalid, RaftError } from '../errors.js';
import { encodeManifest, type SnapshotManifest } from './snapshot-block.js';
import { applicationForm, type SnapshotApplication } from './snapshot-header.js';
import type { SnapshotKeeper, SnapshotReading } from './snapshot-keeper.js';
import {
  DOUBTED_PARAMETER,
  INDEX_PARAMETER,
  parseSnapshotPath,
  SNAPSHOT_TYPE,
} from './snapshot-paths.js';
import type { SnapshotState, SnapshotSupply } from './snapshot-state.js';

export interface SnapshotServerOptions {
  readonly clusterId: string;
  readonly application: SnapshotApplication;
  readonly keeper: SnapshotKeeper;
  readonly supply: SnapshotSupply;
  /** Bytes a second that are sent, to all together. No limit by default. */
  readonly maxSentBytesPerSecond?: number;
  /** Bytes a second that are written while a snapshot is made. No limit by default. */
  readonly maxWrittenBytesPerSecond?: number;
  /** Answers with bytes of a snapshot at a time; more are told to come back. 4 by default. */
  readonly maxReaders?: number;
  /**
   * Milliseconds to wait for a state that this member does not have yet, and for one that is being made
   * before saying how far it is. 1,000 by default.
   */
  readonly answerWithinMs?: number;
  readonly clock?: Clock;
}

/** A snapshot that is being made, or looked at: how far that is. */
interface Making {
  readonly index: number;
  rows: number;
  bytes: number;
  readonly ended: Promise<void>;
}

const defaults = {
  maxSentBytesPerSecond: Number.POSITIVE_INFINITY,
  maxWrittenBytesPerSecond: Number.POSITIVE_INFINITY,
  maxReaders: 4,
  answerWithinMs: 1_000,
  clock: waitingClock,
};

const serverOptionsForm: OptionsForm<SnapshotServerOptions, typeof defaults> = {
  fields: {
    clusterId: text,
    application: nested(applicationForm),
    keeper: withMethods('latest', 'make', 'read', 'check'),
    supply: withMethods('take'),
    maxSentBytesPerSecond: number(1, Number.POSITIVE_INFINITY),
    maxWrittenBytesPerSecond: number(1, Number.POSITIVE_INFINITY),
    maxReaders: wholeNumber(1),
    answerWithinMs: milliseconds,
    clock: withMethods('monotonicMs', 'after'),
  },
  defaults,
};

/** Between looks whether the state has come as far as it was asked for. */
const BEHIND_PAUSE_MS = 50;
const RETRY_AFTER = { 'retry-after': '1' };

/**
 * Hands out a member's state over HTTP: `handle` answers the paths of its cluster's snapshots, and is
 * to be given to an HttpServer. Nothing is made until somebody asks.
 *
 * `GET .../snapshots/latest?index=N` gives the manifest of a state as of N or later: 202 with how far
 * it is while that is being made, 409 where this member has not come so far, nor does soon. `doubted=ID`: what was
 * got of that one was damaged, and nobody is given it until it was read from end to end. `GET .../snapshots/ID` gives its bytes, in ranges; `ID/manifest` its
 * manifest; 404 where it is not kept any more. 403 for another cluster or group, 503 for too much.
 */
export class SnapshotServer implements AsyncDisposable {
  readonly #options: SnapshotServerOptions & typeof defaults;
  readonly #sent: RateLimit;
  readonly #written: RateLimit;
  readonly #closed = new AbortController();
  /** By id: those whose bytes somebody doubts. */
  readonly #checking = new Map<string, Making>();
  #readers = 0;
  #making: Making | undefined;
  /** Why the last one could not be made. */
  #failure: Error | undefined;
  /** Who asked for it was told. */
  #failureTold = true;

  /** Throws OPTIONS_INVALID. */
  constructor(options: SnapshotServerOptions) {
    this.#options = completeOptions(serverOptionsForm, options, optionsInvalid);
    const { maxSentBytesPerSecond, maxWrittenBytesPerSecond, clock } = this.#options;
    this.#sent = new RateLimit(maxSentBytesPerSecond, clock);
    this.#written = new RateLimit(maxWrittenBytesPerSecond, clock);
  }

  /** The snapshot that is being made: how much of it is written. */
  get making():
    | { readonly index: number; readonly rows: number; readonly bytes: number }
    | undefined {
    return this.#making;
  }

  /** Why the last one could not be made; undefined after one that could. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Answers that are sending bytes of snapshots. */
  get readers(): number {
    return this.#readers;
  }

  /** Gives up what is being made, and resolves when it has ended. The keeper stays open. */
  async close(): Promise<void> {
    this.#closed.abort(new RaftError('SNAPSHOT_FAILED', 'the server of snapshots is closed'));
    await Promise.allSettled([this.#making?.ended, ...this.#looks()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #looks(): readonly Promise<void>[] {
    return [...this.#checking.values()].map(({ ended }) => ended);
  }

  /** Whether this is a path of snapshots, of whatever cluster. */
  static answers({ path }: Pick<HttpRequest, 'path'>): boolean {
    return parseSnapshotPath(path) !== undefined;
  }

  /** Answers 404 for paths that are not its own. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    const path = parseSnapshotPath(request.path);
    if (path === undefined) return problem(404, 'NOT_FOUND', `nothing is at ${request.path}`);
    const { clusterId } = this.#options;
    if (path.clusterId !== clusterId || path.group !== `${GROUP}`) {
      const asked = `group ${path.group} of cluster "${path.clusterId}"`;
      return problem(
        403,
        'SNAPSHOT_FOREIGN',
        `this member is of group ${GROUP} of cluster "${clusterId}", not of ${asked}: check the address`,
      );
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return problem(405, 'METHOD_INVALID', 'snapshots are only read', { allow: 'GET, HEAD' });
    }
    if (path.rest === 'latest') return await this.#latest(request);
    return path.rest.endsWith('/manifest')
      ? this.#manifest(path.rest.slice(0, -'/manifest'.length))
      : await this.#bytes(path.rest, request);
  }

  async #latest({ query, signal }: HttpRequest): Promise<HttpResponse> {
    const index = Number(query.get(INDEX_PARAMETER) ?? '0');
    if (!Number.isSafeInteger(index) || index < 0) {
      return problem(400, 'ARGUMENT_INVALID', 'index must be a whole number, 0 or above');
    }
    const { keeper } = this.#options;
    const doubted = query.get(DOUBTED_PARAMETER);
    if (doubted !== null) this.#check(doubted);
    const checking = this.#checking.get(keeper.latest(index)?.id ?? '');
    if (checking !== undefined && !(await this.#hasEnded(checking, signal))) {
      return progressResponse(checking);
    }
    const kept = keeper.latest(index);
    if (kept !== undefined) return manifestResponse(kept);
    if (this.#making === undefined && !(await this.#begin(index, signal))) {
      return problem(409, 'SNAPSHOT_BEHIND', `this member has not come to index ${index} yet`);
    }
    return await this.#made(index, signal);
  }

  /** Has a file read from end to end, once for all who doubt it. */
  #check(id: string): void {
    if (this.#checking.has(id)) return;
    const { keeper } = this.#options;
    const index = keeper.snapshots.find((kept) => kept.id === id)?.header.base.index ?? 0;
    const checking = { index, rows: 0, bytes: 0, ended: Promise.resolve() };
    checking.ended = keeper.check(id, this.#closed.signal, ({ rows, offset }) => {
      checking.rows = rows;
      checking.bytes = offset;
    });
    this.#checking.set(id, checking);
    void checking.ended.catch(() => {}).finally(() => this.#checking.delete(id));
  }

  /** Waits for it, but not for long. */
  async #hasEnded({ ended }: Making, signal: AbortSignal): Promise<boolean> {
    const { answerWithinMs, clock } = this.#options;
    let hasEnded = false;
    const noted = ended.then(() => {
      hasEnded = true;
    });
    await withTimeout(clock, answerWithinMs, signal, (timeout) => endedOrAborted(noted, timeout));
    return hasEnded;
  }

  /** False where the state is not as of `index`, and does not come there soon. */
  async #begin(index: number, signal: AbortSignal): Promise<boolean> {
    const { supply, answerWithinMs, clock } = this.#options;
    const untilMs = clock.monotonicMs() + answerWithinMs;
    let state = await supply.take(index, signal);
    // A follower learns a moment later than its leader what is committed.
    while (state === undefined && clock.monotonicMs() < untilMs) {
      await pause(clock, BEHIND_PAUSE_MS, signal);
      signal.throwIfAborted();
      state = await supply.take(index, signal);
    }
    if (state === undefined) return false;
    // Another request may have come first.
    if (this.#making === undefined) this.#make(state);
    else await state[Symbol.asyncDispose]();
    return true;
  }

  #make(state: SnapshotState): void {
    const making = { index: state.base.index, rows: 0, bytes: 0, ended: Promise.resolve() };
    making.ended = this.#write(state, making).then(
      () => {
        this.#making = undefined;
        this.#failure = undefined;
      },
      (error: unknown) => {
        this.#making = undefined;
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#failureTold = false;
      },
    );
    this.#failureTold = true;
    this.#making = making;
  }

  async #write(state: SnapshotState, making: Making): Promise<void> {
    await using written = state;
    const { base, contents } = written;
    const { clusterId, application, keeper } = this.#options;
    const header = { clusterId, group: GROUP, base, application, contents };
    await keeper.make(base, (path, writing) =>
      written.write(path, header, {
        ...writing,
        signal: this.#closed.signal,
        rate: this.#written,
        progress: (rows, bytes) => {
          making.rows = rows;
          making.bytes = bytes;
        },
      }),
    );
  }

  async #made(index: number, signal: AbortSignal): Promise<HttpResponse> {
    if (this.#making !== undefined) await this.#hasEnded(this.#making, signal);
    signal.throwIfAborted();
    const kept = this.#options.keeper.latest(index);
    if (kept !== undefined) return manifestResponse(kept);
    if (this.#failure !== undefined && !this.#failureTold) {
      this.#failureTold = true;
      return problem(503, 'SNAPSHOT_FAILED', this.#failure.message, RETRY_AFTER);
    }
    return progressResponse(this.#making);
  }

  #manifest(id: string): HttpResponse {
    const kept = this.#options.keeper.snapshots.find((snapshot) => snapshot.id === id);
    return kept === undefined ? gone(id) : manifestResponse(kept);
  }

  async #bytes(id: string, request: HttpRequest): Promise<HttpResponse> {
    const { keeper, maxReaders } = this.#options;
    if (this.#readers >= maxReaders) {
      const message = `${maxReaders} others are reading snapshots here: try again, or another member`;
      return problem(503, 'SNAPSHOT_BUSY', message, RETRY_AFTER);
    }
    // Others may come before it is open.
    this.#readers++;
    let reading: SnapshotReading | undefined;
    try {
      reading = await keeper.read(id);
    } finally {
      if (reading === undefined) this.#readers--;
    }
    return reading === undefined ? gone(id) : this.#rangeOf(reading, request);
  }

  #rangeOf(reading: SnapshotReading, request: HttpRequest): HttpResponse {
    const { id, fileBytes } = reading.manifest;
    const etag = `"${id}"`;
    const range = selectRange(request.headers, fileBytes, etag);
    let released = false;
    const release = async () => {
      if (released) return;
      released = true;
      this.#readers--;
      await reading[Symbol.asyncDispose]();
    };
    const shared = { etag, 'accept-ranges': 'bytes', 'content-type': SNAPSHOT_TYPE };
    const { status } = range;
    if (status === 412 || status === 416) {
      const headers = status === 416 ? { 'content-range': `bytes */${fileBytes}` } : {};
      return { status, headers: { ...shared, ...headers }, [Symbol.asyncDispose]: release };
    }
    const { first, last } = range;
    const length = { 'content-length': `${last + 1 - first}` };
    const partial = status === 206 ? { 'content-range': contentRange(first, last, fileBytes) } : {};
    return {
      status,
      headers: { ...shared, ...length, ...partial },
      body: this.#paced(reading.range(first, last), request.signal),
      [Symbol.asyncDispose]: release,
    };
  }

  async *#paced(chunks: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      // A large piece at a low rate would be waited for longer than anybody waits.
      for (const piece of this.#sent.pieces(chunk)) {
        await this.#sent.take(piece.byteLength, signal);
        yield piece;
      }
    }
  }
}

function manifestResponse(manifest: SnapshotManifest): HttpResponse {
  return {
    status: 200,
    headers: { etag: `"${manifest.id}"`, 'content-type': SNAPSHOT_TYPE },
    body: encodeManifest(manifest),
  };
}

function progressResponse(making: Making | undefined): HttpResponse {
  const { index = 0, rows = 0, bytes = 0 } = making ?? {};
  const body = Buffer.from(JSON.stringify({ index, rows, bytes }));
  return { status: 202, headers: { ...RETRY_AFTER, 'content-type': 'application/json' }, body };
}

function gone(id: string): HttpResponse {
  return problem(404, 'SNAPSHOT_GONE', `no snapshot ${id} is kept here: ask for the latest`);
}

async function endedOrAborted(ended: Promise<void>, signal: AbortSignal): Promise<void> {
  let wake = () => {};
  const aborted = new Promise<void>((resolve) => {
    wake = resolve;
  });
  signal.addEventListener('abort', wake);
  await Promise.race([ended, aborted]);
  signal.removeEventListener('abort', wake);
}
