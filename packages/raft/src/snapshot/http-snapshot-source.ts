import {
  type Clock,
  type HttpAnswer,
  HttpClient,
  type HttpRequester,
  observe,
  parseContentRange,
  pause,
  RateLimit,
  waitingClock,
} from '@raft-ts/net';
import {
  callback,
  completeOptions,
  milliseconds,
  nested,
  number,
  type OptionsForm,
  optional,
  text,
  wholeNumber,
  withMethods,
} from '@raft-ts/net/options';
import { GROUP } from '../core/group.js';
import type { MemberId } from '../core/log/entry.js';
import type { SnapshotPeer } from '../core/message.js';
import { isRaftError, optionsInvalid, RaftError } from '../errors.js';
import { messageOf } from '../rocksdb/caught-error.js';
import type { SnapshotBlock, SnapshotManifest, SnapshotPosition } from './snapshot-block.js';
import { damaged, foreign } from './snapshot-error.js';
import { applicationForm, type SnapshotApplication } from './snapshot-header.js';
import { decodeManifest, SnapshotParser } from './snapshot-parser.js';
import { DOUBTED_PARAMETER, INDEX_PARAMETER, snapshotsPath } from './snapshot-paths.js';
import type { SnapshotReceiver } from './snapshot-receiver.js';
import type { FetchedSnapshot, SnapshotRequest, SnapshotSource } from './snapshot-source.js';

/** How far a snapshot that is being fetched is. */
export interface SnapshotFetchProgress {
  readonly from: MemberId;
  readonly index: number;
  /** `making`: the other member writes it; `pulling`: it is on its way. */
  readonly phase: 'making' | 'pulling';
  readonly rows: number;
  readonly bytes: number;
  /** Undefined while it is being made. */
  readonly totalRows: number | undefined;
  readonly totalBytes: number | undefined;
}

export interface HttpSnapshotSourceOptions {
  readonly clusterId: string;
  /** What can be taken: states of this name, with this version or a lower one. */
  readonly application: SnapshotApplication;
  readonly receiver: SnapshotReceiver;
  /** The other members, as they are now; those that came with an offer are asked, too. */
  readonly peers: () => readonly SnapshotPeer[];
  /** Bytes of a range. 16 MiB by default. */
  readonly rangeBytes?: number;
  /** Bytes a second that are taken in. No limit by default. */
  readonly maxBytesPerSecond?: number;
  /**
   * Milliseconds without any progress after which a member that makes a snapshot is given up; however
   * long it takes. 60,000 by default.
   */
  readonly makingTimeoutMs?: number;
  /** Called as a fetch gets on. What it throws is uncaught, and the fetch goes on. */
  readonly onProgress?: (progress: SnapshotFetchProgress) => void;
  /** One of its own when left out. */
  readonly client?: HttpRequester;
  readonly clock?: Clock;
}

const defaults = {
  rangeBytes: 16 * 1024 * 1024,
  maxBytesPerSecond: Number.POSITIVE_INFINITY,
  makingTimeoutMs: 60_000,
  clock: waitingClock,
};

const sourceOptionsForm: OptionsForm<HttpSnapshotSourceOptions, typeof defaults> = {
  fields: {
    clusterId: text,
    application: nested(applicationForm),
    receiver: withMethods('begun', 'begin', 'accept', 'complete', 'discard'),
    peers: callback(),
    rangeBytes: wholeNumber(1),
    maxBytesPerSecond: number(1, Number.POSITIVE_INFINITY),
    makingTimeoutMs: milliseconds,
    onProgress: optional(callback()),
    client: optional(withMethods('request')),
    clock: withMethods('monotonicMs', 'after'),
  },
  defaults,
};

/** Between questions how far a snapshot is; a server may ask for longer ones. */
const MIN_POLL_MS = 200;
const MAX_POLL_MS = 10_000;

/** A member does not have that snapshot any more, or never had it. */
class Gone extends Error {
  override readonly name = 'Gone';
}

/**
 * Pulls the state over HTTP: from a follower if one has it, else from the leader. What was begun is
 * gone on with as long as anybody has the same bytes, also after a restart; where nobody has, it begins
 * anew. Each call asks all members again as long as that brings more, and then rejects with SNAPSHOT_FAILED,
 * which says what each one answered; what was received stays for the next call.
 */
export class HttpSnapshotSource implements SnapshotSource, AsyncDisposable {
  readonly #options: HttpSnapshotSourceOptions & typeof defaults;
  readonly #own: HttpClient | undefined;
  readonly #client: HttpRequester;
  readonly #rate: RateLimit;
  readonly #path: string;
  /** By address: of which snapshot damaged bytes came from there. */
  readonly #doubted = new Map<string, string>();
  #progress: SnapshotFetchProgress | undefined;
  /** Blocks that were taken in. */
  #blocks = 0;
  #underWay: Promise<unknown> = Promise.resolve();

  /** Throws OPTIONS_INVALID. */
  constructor(options: HttpSnapshotSourceOptions) {
    this.#options = completeOptions(sourceOptionsForm, options, optionsInvalid);
    const { client, clusterId, clock, maxBytesPerSecond } = this.#options;
    const own = client === undefined ? new HttpClient() : undefined;
    this.#own = own;
    this.#client = client ?? own ?? new HttpClient();
    this.#rate = new RateLimit(maxBytesPerSecond, clock);
    this.#path = snapshotsPath(clusterId);
  }

  /** Of the fetch under way; undefined when there is none. */
  get progress(): SnapshotFetchProgress | undefined {
    return this.#progress;
  }

  async fetch(request: SnapshotRequest, signal: AbortSignal): Promise<FetchedSnapshot> {
    // The receiver takes one call at a time, and a fetch that was given up may be within one.
    const before = this.#underWay;
    const fetching = before.then(() => this.#fetch(request, signal));
    this.#underWay = fetching
      .catch(() => {})
      .finally(() => {
        this.#progress = undefined;
      });
    return await fetching;
  }

  /** Ends its connections, unless the client was given to it. Abort the fetch under way first. */
  async close(): Promise<void> {
    await this.#underWay;
    await this.#own?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #fetch(request: SnapshotRequest, signal: AbortSignal): Promise<FetchedSnapshot> {
    const peers = [...(request.peers ?? []), ...this.#options.peers()];
    const attempt = new Attempt(followersFirst(withoutDoubles(peers), request.from));
    const begun = await this.#options.receiver.begun();
    if (begun !== undefined && begun.header.base.index >= request.index) {
      const fetched = await this.#pullFromAny(attempt, begun, signal);
      if (fetched !== undefined) return fetched;
    }
    for (const peer of attempt.peers) {
      const manifest = await this.#try(attempt, peer, signal, () =>
        this.#latest(peer, request.index, signal),
      );
      if (manifest === undefined) continue;
      const fetched = await this.#pullFromAny(attempt, manifest, signal, peer);
      if (fetched !== undefined) return fetched;
    }
    throw attempt.failure();
  }

  /** Asks all again while that brings more of it: to begin another one would lose what was received. */
  async #pullFromAny(
    attempt: Attempt,
    manifest: SnapshotManifest,
    signal: AbortSignal,
    first?: SnapshotPeer,
  ): Promise<FetchedSnapshot | undefined> {
    const others = attempt.peers.filter((peer) => peer !== first);
    const peers = first === undefined ? others : [first, ...others];
    let blocksBefore: number;
    do {
      blocksBefore = this.#blocks;
      for (const peer of peers) {
        if (this.#doubted.get(peer.address) === manifest.id) continue;
        const fetched = await this.#pull(attempt, peer, manifest, signal);
        if (fetched !== undefined) return fetched;
      }
    } while (this.#blocks > blocksBefore);
    return undefined;
  }

  /** Undefined when `peer` does not have it, or fails; that is noted. */
  async #pull(
    attempt: Attempt,
    peer: SnapshotPeer,
    manifest: SnapshotManifest,
    signal: AbortSignal,
  ): Promise<FetchedSnapshot | undefined> {
    const { receiver } = this.#options;
    const received = await this.#try(attempt, peer, signal, async () => {
      await this.#pullBlocks(peer, manifest, signal).catch((error: unknown) => {
        if (isRaftError(error, 'SNAPSHOT_DAMAGED')) this.#doubted.set(peer.address, manifest.id);
        throw error;
      });
      return true;
    });
    return received === undefined ? undefined : await receiver.complete();
  }

  async #try<T>(
    attempt: Attempt,
    peer: SnapshotPeer,
    signal: AbortSignal,
    call: () => Promise<T>,
  ): Promise<T | undefined> {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof ReceiverFailed) throw error.cause;
      attempt.failed(peer, error);
      return undefined;
    }
  }

  /** The manifest of what `peer` has as of `index` or later, once it has made it. */
  async #latest(peer: SnapshotPeer, index: number, signal: AbortSignal): Promise<SnapshotManifest> {
    const { makingTimeoutMs, clock } = this.#options;
    let came = '';
    let cameAtMs = clock.monotonicMs();
    for (;;) {
      const path = this.#latestPath(peer, index);
      await using answer = await this.#client.request(peer.address, { path, signal });
      // It was told, and looks: asked with the same doubt again it would begin to look anew.
      this.#doubted.delete(peer.address);
      if (answer.status === 200) return this.#checked(decodeManifest(await answer.body()), index);
      if (answer.status !== 202) throw await refusal(answer);
      const text = (await answer.body()).toString();
      const nowMs = clock.monotonicMs();
      if (text !== came) [came, cameAtMs] = [text, nowMs];
      else if (nowMs - cameAtMs > makingTimeoutMs) {
        throw new Error(`it makes a snapshot and got no further in ${makingTimeoutMs} ms`);
      }
      this.#progress = makingProgress(peer, index, text);
      observe(this.#options.onProgress, this.#progress);
      await pause(clock, pollMs(answer), signal);
      signal.throwIfAborted();
    }
  }

  #latestPath({ address }: SnapshotPeer, index: number): string {
    const doubted = this.#doubted.get(address);
    const query = new URLSearchParams({ [INDEX_PARAMETER]: `${index}` });
    if (doubted !== undefined) query.set(DOUBTED_PARAMETER, doubted);
    return `${this.#path}/latest?${query}`;
  }

  #checked(manifest: SnapshotManifest, index: number): SnapshotManifest {
    const { clusterId, group, base, application } = manifest.header;
    const own = this.#options.application;
    if (clusterId !== this.#options.clusterId || group !== GROUP) {
      throw foreign(`it is of group ${group} of cluster "${clusterId}"`);
    }
    if (application.name !== own.name || application.version > own.version) {
      throw foreign(
        `it is a state of "${application.name}", version ${application.version}, and this member reads ` +
          `"${own.name}" up to version ${own.version}: bring this member to that version`,
      );
    }
    if (base.index < index) throw new Error(`it is as of ${base.index}, and ${index} is needed`);
    return manifest;
  }

  async #pullBlocks(
    peer: SnapshotPeer,
    manifest: SnapshotManifest,
    signal: AbortSignal,
  ): Promise<void> {
    const position = await ofReceiver(() => this.#options.receiver.begin(manifest));
    const parser = new SnapshotParser({ manifest, position });
    this.#tell(peer, manifest, position);
    for (let offset = position.offset; offset < manifest.fileBytes; ) {
      const range = await this.#range(peer, manifest, offset, signal);
      await using answer = range.answer;
      for await (const chunk of answer.chunks()) {
        await this.#rate.take(chunk.byteLength, signal);
        offset += chunk.byteLength;
        await this.#take(peer, manifest, parser, chunk);
      }
      if (offset !== range.end) throw new Error('it sent another range than it said');
    }
    if (parser.end().id !== manifest.id) throw damaged('it is another one', manifest.fileBytes);
  }

  async #take(
    peer: SnapshotPeer,
    manifest: SnapshotManifest,
    parser: SnapshotParser,
    chunk: Buffer,
  ): Promise<void> {
    parser.push(chunk);
    for (;;) {
      const block = await this.#next(parser, manifest);
      if (block === undefined) return;
      await ofReceiver(() => this.#options.receiver.accept(block));
      this.#blocks++;
      this.#tell(peer, manifest, block.end);
    }
  }

  async #next(
    parser: SnapshotParser,
    { extent }: SnapshotManifest,
  ): Promise<SnapshotBlock | undefined> {
    try {
      return parser.next();
    } catch (error) {
      // All blocks fit, and are not what the end says: what was received earlier may be at fault.
      if (parser.position?.blocks === extent.blocks) {
        await ofReceiver(() => this.#options.receiver.discard());
      }
      throw error;
    }
  }

  async #range(
    peer: SnapshotPeer,
    { id, fileBytes }: SnapshotManifest,
    offset: number,
    signal: AbortSignal,
  ): Promise<{ readonly answer: HttpAnswer; readonly end: number }> {
    const { rangeBytes } = this.#options;
    const answer = await this.#client.request(peer.address, {
      path: `${this.#path}/${id}`,
      headers: { range: `bytes=${offset}-${offset + rangeBytes - 1}`, 'if-match': `"${id}"` },
      signal,
    });
    const range = parseContentRange(answer.headers['content-range']);
    if (answer.status === 206 && range?.first === offset && range.lengthBytes === fileBytes) {
      return { answer, end: range.last + 1 };
    }
    await using refused = answer;
    throw await refusal(refused);
  }

  #tell(peer: SnapshotPeer, manifest: SnapshotManifest, at: SnapshotPosition): void {
    this.#progress = {
      from: peer.member,
      index: manifest.header.base.index,
      phase: 'pulling',
      rows: at.rows,
      bytes: at.offset,
      totalRows: manifest.extent.rows,
      totalBytes: manifest.fileBytes,
    };
    observe(this.#options.onProgress, this.#progress);
  }
}

/** What the receiver rejected with: no other server can help. */
class ReceiverFailed extends Error {
  override readonly name = 'ReceiverFailed';
}

async function ofReceiver<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new ReceiverFailed(messageOf(cause), { cause });
  }
}

/** One fetch: whom it asks, and what came of it. */
class Attempt {
  readonly peers: readonly SnapshotPeer[];
  readonly #failures = new Map<SnapshotPeer, unknown>();

  constructor(peers: readonly SnapshotPeer[]) {
    this.peers = peers;
  }

  failed(peer: SnapshotPeer, error: unknown): void {
    // That it is gone is of no interest beside what happened when it was there.
    if (error instanceof Gone && this.#failures.has(peer)) return;
    this.#failures.set(peer, error);
  }

  failure(): RaftError {
    if (this.peers.length === 0) {
      return new RaftError('SNAPSHOT_FAILED', 'no other member has an http endpoint: give it one');
    }
    const failures = [...this.#failures].map(
      ([{ member, address }, error]) => `member ${member} at ${address}: ${messageOf(error)}`,
    );
    const cause = [...this.#failures.values()].at(-1);
    return new RaftError('SNAPSHOT_FAILED', `nobody gave the state. ${failures.join('; ')}`, {
      cause,
    });
  }
}

function withoutDoubles(peers: readonly SnapshotPeer[]): readonly SnapshotPeer[] {
  const keyOf = ({ member, address }: SnapshotPeer) => `${member} ${address}`;
  return [...new Map(peers.map((peer) => [keyOf(peer), peer])).values()];
}

/** Who leads has the most to do, and comes last. */
function followersFirst(peers: readonly SnapshotPeer[], leader: MemberId): SnapshotPeer[] {
  const followers = peers.filter(({ member }) => member !== leader);
  return [...followers, ...peers.filter(({ member }) => member === leader)];
}

async function refusal(answer: HttpAnswer): Promise<Error> {
  const text = (await answer.body()).toString();
  const message = problemMessage(text) ?? `it answered with status ${answer.status}`;
  if (answer.status === 404 || answer.status === 412) return new Gone(message);
  return new Error(message);
}

/** Of an answer as `problem` makes them. */
function problemMessage(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    return 'message' in value && typeof value.message === 'string' ? value.message : undefined;
  } catch {
    return undefined;
  }
}

function pollMs(answer: HttpAnswer): number {
  const seconds = Number(answer.headers['retry-after'] ?? '0');
  return Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, seconds >= 0 ? seconds * 1000 : 0));
}

function makingProgress(peer: SnapshotPeer, index: number, text: string): SnapshotFetchProgress {
  const { rows = 0, bytes = 0 } = countsIn(text);
  const none = { totalRows: undefined, totalBytes: undefined };
  return { from: peer.member, index, phase: 'making', rows, bytes, ...none };
}

function countsIn(text: string): { readonly rows?: number; readonly bytes?: number } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return {};
    return {
      ...('rows' in value && typeof value.rows === 'number' ? { rows: value.rows } : {}),
      ...('bytes' in value && typeof value.bytes === 'number' ? { bytes: value.bytes } : {}),
    };
  } catch {
    return {};
  }
}
