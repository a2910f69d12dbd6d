import { Backoff, type Clock, pause } from '@raft-ts/net';
import type { LogBase } from '../core/log/log-state.js';
import { RaftError } from '../errors.js';
import type {
  FetchedSnapshot,
  SnapshotRequest,
  SnapshotSource,
} from '../snapshot/snapshot-source.js';
import type { SnapshotFailure, SnapshotFetchFailed } from './replica-event.js';

/** Pauses after failures double from this, half of it drawn, milliseconds... */
const MIN_PAUSE_MS = 200;
/** ...to this. */
const MAX_PAUSE_MS = 10_000;

export interface SnapshotFetchOptions {
  readonly source: SnapshotSource | undefined;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** True: keep it, it will be installed. */
  readonly fetched: (base: LogBase) => boolean;
  readonly failed: (index: number) => void;
  readonly event: (event: SnapshotFetchFailed) => void;
}

/**
 * The one snapshot that a member fetches, and then installs. A newer offer takes its place; after
 * failures, whoever offers, there are pauses.
 */
export class SnapshotFetch {
  readonly #options: SnapshotFetchOptions;
  readonly #backoff: Backoff;
  #underWay: AbortController | undefined;
  #kept: FetchedSnapshot | undefined;
  #failures = 0;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  /** Of the last fetch that has ended, unless it came to its end well. */
  failure: SnapshotFailure | undefined;

  constructor(options: SnapshotFetchOptions) {
    this.#options = options;
    this.#backoff = new Backoff(MIN_PAUSE_MS, MAX_PAUSE_MS, options.random);
  }

  /** Resolves when that fetch has ended, in whatever way. */
  async fetch(request: SnapshotRequest): Promise<void> {
    this.abort();
    const controller = new AbortController();
    this.#underWay = controller;
    const snapshot = await this.#fetchAfterPause(request, controller.signal);
    if (this.#underWay !== controller) {
      await snapshot?.[Symbol.asyncDispose]();
      return;
    }
    this.#underWay = undefined;
    if (snapshot === undefined) this.#options.failed(request.index);
    else if (this.#options.fetched(snapshot.base)) this.#kept = snapshot;
    else await snapshot[Symbol.asyncDispose]();
  }

  /** Undefined when it could not be had, which was told then, or is not wanted any more. */
  async #fetchAfterPause(
    request: SnapshotRequest,
    signal: AbortSignal,
  ): Promise<FetchedSnapshot | undefined> {
    const { clock } = this.#options;
    const pauseMs = this.#notBeforeMs - clock.monotonicMs();
    if (pauseMs > 0) await pause(clock, pauseMs, signal);
    if (signal.aborted) return undefined;
    try {
      const snapshot = await this.#fetchNow(request, signal);
      this.#failures = 0;
      this.failure = undefined;
      this.#backoff.reset();
      return snapshot;
    } catch (cause) {
      if (!signal.aborted) this.#tell(request, cause);
      return undefined;
    }
  }

  async #fetchNow(request: SnapshotRequest, signal: AbortSignal): Promise<FetchedSnapshot> {
    const { source } = this.#options;
    if (source === undefined) {
      throw failed('the log that leads to it is gone, and the option `snapshots` names no source');
    }
    const snapshot = await source.fetch(request, signal);
    if (snapshot.base.index >= request.index) return snapshot;
    await snapshot[Symbol.asyncDispose]();
    throw failed(`it is as of ${snapshot.base.index}, and ${request.index} is needed`);
  }

  #tell({ from, index }: SnapshotRequest, cause: unknown): void {
    const { clock, event } = this.#options;
    const error = cause instanceof Error ? cause : new Error(String(cause), { cause });
    const retryInMs = this.#backoff.next();
    this.#notBeforeMs = clock.monotonicMs() + retryInMs;
    this.failure = { failures: ++this.#failures, message: error.message };
    event({
      type: 'snapshot-fetch-failed',
      from,
      index,
      error,
      failures: this.#failures,
      retryInMs,
    });
  }

  /** Installs what was kept. */
  async install(base: LogBase): Promise<void> {
    const snapshot = this.#kept;
    if (snapshot?.base.index !== base.index) {
      throw failed(`no state as of ${base.index} was fetched`);
    }
    this.#kept = undefined;
    await using installed = snapshot;
    await installed.install();
  }

  /** Gives up what is being fetched. */
  abort(): void {
    this.#underWay?.abort(failed('another fetch took its place'));
    this.#underWay = undefined;
  }

  /** Gives up everything, because the member stops. */
  async close(): Promise<void> {
    this.abort();
    await this.#kept?.[Symbol.asyncDispose]();
    this.#kept = undefined;
  }
}

function failed(why: string): RaftError {
  return new RaftError('SNAPSHOT_FAILED', `the state can't be had: ${why}`);
}
