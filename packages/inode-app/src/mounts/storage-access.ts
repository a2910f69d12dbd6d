import { setMaxListeners } from 'node:events';
import { abortable, Backoff, type Clock, pause, withTimeout } from '@raft-ts/net';
import type { Storage, StoragePage } from '../storages/storage.js';
import { StorageError, type StorageErrorCode } from '../storages/storage-error.js';
import { IdleTime } from './idle-time.js';
import { Places } from './places.js';
import { Reachability } from './reachability.js';
import {
  completeStorageAccessOptions,
  type StorageAccessOptions,
} from './storage-access-options.js';
import { type CallLimits, StorageCall } from './storage-call.js';

/** A caller's deadline that comes earlier after the request says nothing about the storage, milliseconds. */
const LEAST_SILENCE_MS = 1_000;

/** What is kept as a mount's last error; others are answers like any. */
const TROUBLES: ReadonlySet<StorageErrorCode> = new Set([
  'INVALID',
  'FORBIDDEN',
  'FULL',
  'BUSY',
  'UNREACHABLE',
  'FAILED',
]);

export interface AccessedStorage {
  /** For messages: without secrets. */
  readonly uri: string;
  /** By its driver. Is called when the storage is first used, and again after it failed. */
  readonly open: () => Promise<Storage>;
  /** Whether it would be opened with other credentials now. Asked when it refuses those that it was opened with. */
  readonly isOutdated?: () => Promise<boolean>;
  readonly clock: Clock;
  /** From 0 to below 1; for jitter. */
  readonly random: () => number;
}

/** Times are milliseconds since 1970. */
export interface StorageAccessStatus {
  /** 'untried': nobody had an answer yet. */
  readonly state: 'untried' | 'reachable' | 'unreachable';
  readonly unreachableSinceMs: number | undefined;
  /** Milliseconds since the last answer. */
  readonly answeredMsAgo: number | undefined;
  readonly lastError: { readonly message: string; readonly atMs: number } | undefined;
  readonly underWay: number;
  /** For their turn, or until they are tried again. */
  readonly waiting: number;
  /** Requests that were given up and did not end. */
  readonly hung: number;
}

/** What is done with a storage; the signal says when to give up. */
type Perform<Result> = (storage: Storage, signal: AbortSignal) => Promise<Result>;
/** 'open' asks nobody. */
type CallKind = 'read' | 'change' | 'open';

/**
 * One mount's way to its storage: for all of its callers it opens the storage once, asks as many things at once
 * as may be, gives up what gets no answer in time, and tries again what may be repeated. A storage that is
 * unreachable is asked by one caller at a time; who can't wait for the next try is told at once.
 *
 * All calls reject with StorageError (BUSY, too, where too many wait), and with the reason of the caller's signal.
 */
export class StorageAccess implements AsyncDisposable {
  readonly #storage: AccessedStorage;
  readonly #options: Required<StorageAccessOptions>;
  readonly #places: Places;
  readonly #reachability: Reachability<StorageCall>;
  #opening: Promise<Storage> | undefined;
  /** Whether it has to be opened anew is being found out. */
  #reconsidering = false;
  /** Once that has ended well. */
  #opened: Storage | undefined;
  /** Calls that pause until they are tried again. */
  #pausing = 0;
  #hung = 0;
  #lastError: StorageAccessStatus['lastError'];
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  /** Throws ARGUMENT_INVALID for wrong options. */
  constructor(storage: AccessedStorage, options: StorageAccessOptions = {}) {
    this.#storage = storage;
    this.#options = completeStorageAccessOptions(options);
    // As many as there are calls.
    setMaxListeners(0, this.#closing.signal);
    const { maxConcurrent, maxSilences, minRetryMs, maxProbeMs } = this.#options;
    this.#places = new Places(maxConcurrent);
    this.#reachability = new Reachability(storage.clock, storage.random, {
      maxSilences,
      minProbeMs: minRetryMs,
      maxProbeMs,
    });
  }

  get status(): StorageAccessStatus {
    const { unreachableSinceMs, answeredMsAgo } = this.#reachability;
    const answered = answeredMsAgo === undefined ? 'untried' : 'reachable';
    return {
      state: unreachableSinceMs === undefined ? answered : 'unreachable',
      unreachableSinceMs,
      answeredMsAgo,
      lastError: this.#lastError,
      underWay: this.#places.taken,
      waiting: this.#waiting,
      hung: this.#hung,
    };
  }

  /** For how long an answer is awaited. */
  get requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs;
  }

  /**
   * For what asks nobody: abilities, and whether it can hold a path. Whatever asks goes through the others. An open
   * storage is told at once, and takes no place.
   */
  opened(limits: CallLimits): Promise<Storage> {
    const mayBeAsked = !this.#closing.signal.aborted && this.#hindrance === undefined;
    if (this.#opened !== undefined && mayBeAsked) return Promise.resolve(this.#opened);
    return this.#repeat('open', async (storage) => storage, limits);
  }

  /** Asks for something that changes nothing: it is tried again after BUSY, UNREACHABLE and FAILED. */
  read<Result>(perform: Perform<Result>, limits: CallLimits): Promise<Result> {
    return this.#repeat('read', perform, limits);
  }

  /** Asks for a change: it is tried again only where nothing was done. After UNREACHABLE or FAILED look what there is. */
  change<Result>(perform: Perform<Result>, limits: CallLimits): Promise<Result> {
    return this.#repeat('change', perform, limits);
  }

  /**
   * Asks for a change that is made in steps, which takes as long as it takes: it is given up, as UNREACHABLE, when no
   * step has ended for `stepTimeoutMs`. Not tried again here.
   */
  async steps<Result>(
    perform: (
      storage: Storage,
      signal: AbortSignal,
      onProgress: (entries: number) => void,
    ) => Promise<Result>,
    onProgress: (entries: number) => void,
    limits: CallLimits,
  ): Promise<Result> {
    using call = this.#begin(limits);
    await this.#enter(call);
    const idle = new IdleTime(this.#storage.clock, this.#options.stepTimeoutMs, () =>
      this.#error('UNREACHABLE', `no step ended within ${this.#options.stepTimeoutMs} ms`),
    );
    try {
      const storage = await abortable(this.#open(), call.signal);
      call.asked = true;
      const signal = AbortSignal.any([call.signal, idle.signal]);
      const result = await abortable(
        perform(storage, signal, (entries) => {
          idle.begin();
          onProgress(entries);
        }),
        signal,
      );
      this.#reachability.answered();
      return result;
    } catch (error) {
      if (error instanceof StorageError) this.#learn(call, error, call.queuedSinceMs ?? 0);
      throw error;
    } finally {
      idle.end();
      this.#leave(call);
    }
  }

  /** Lists a directory, once: whoever consumes it begins anew after a failure. Holds a place until it ends. */
  async *list(path: string, limits: CallLimits): AsyncGenerator<StoragePage, void, void> {
    using call = this.#begin(limits);
    const listing = new AbortController();
    let pages: AsyncIterator<StoragePage> | undefined;
    await this.#enter(call);
    try {
      for (;;) {
        const page = await this.#ask(call, 'read', (storage) => {
          pages ??= storage.list(path, listing.signal)[Symbol.asyncIterator]();
          return pages.next();
        });
        if (page.done === true) return;
        yield page.value;
      }
    } finally {
      listing.abort();
      // Behind a page that hangs this does, too; nobody waits for it.
      pages?.return?.().catch(() => {});
      this.#leave(call);
    }
  }

  /** Ends all calls, and closes the storage. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #waiting(): number {
    return this.#places.waiting + this.#pausing;
  }

  async #repeat<Result>(
    kind: CallKind,
    perform: Perform<Result>,
    limits: CallLimits,
  ): Promise<Result> {
    using call = this.#begin(limits);
    const { minRetryMs, maxRetryMs, maxAttempts } = this.#options;
    const pauses = new Backoff(minRetryMs, maxRetryMs, this.#storage.random);
    const mostAttempts = limits.deadlineMs === undefined ? maxAttempts : Number.POSITIVE_INFINITY;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(call, kind, perform);
      } catch (error) {
        call.signal.throwIfAborted();
        if (attempt >= mostAttempts || !mayRepeat(error, kind, call)) throw error;
        const pauseMs = Math.max(pauses.next(), this.#reachability.pauseMs);
        if (this.#nowMs + pauseMs >= call.deadlineMs || this.#isFull) throw error;
        await this.#pause(pauseMs, call);
      }
    }
  }

  async #attempt<Result>(
    call: StorageCall,
    kind: CallKind,
    perform: Perform<Result>,
  ): Promise<Result> {
    call.asked = false;
    await this.#enter(call);
    try {
      return await this.#ask(call, kind, perform);
    } finally {
      this.#leave(call);
    }
  }

  #begin(limits: CallLimits): StorageCall {
    return new StorageCall(this.#storage.clock, limits, {
      closing: this.#closing.signal,
      atDeadline: (call) => this.#deadlineError(call),
    });
  }

  /** Takes a place, if the storage may be asked now. */
  async #enter(call: StorageCall): Promise<void> {
    this.#checkMayAsk();
    if (this.#places.taken >= this.#options.maxConcurrent && this.#isFull) throw this.#fullError();
    call.queuedSinceMs = this.#nowMs;
    await this.#places.take(call.signal);
    call.queuedSinceMs = undefined;
    try {
      // It may have become unreachable meanwhile.
      this.#checkMayAsk();
      this.#reachability.begin(call);
    } catch (error) {
      this.#places.release();
      throw error;
    }
  }

  #leave(call: StorageCall): void {
    this.#reachability.end(call);
    this.#places.release();
  }

  #checkMayAsk(): void {
    const hindrance = this.#hindrance;
    if (hindrance !== undefined) throw hindrance;
  }

  /** Why the storage may not be asked now. */
  get #hindrance(): StorageError | undefined {
    const { refusal } = this.#reachability;
    if (refusal !== undefined || this.#hung < this.#options.maxHung) return refusal;
    return this.#error('UNREACHABLE', `${this.#hung} requests were given up and never ended`);
  }

  async #ask<Result>(call: StorageCall, kind: CallKind, perform: Perform<Result>): Promise<Result> {
    const fromMs = this.#nowMs;
    try {
      const result = await this.#inTime(call.signal, async (signal) => {
        const storage = await abortable(this.#open(), signal);
        call.asked = kind !== 'open';
        return perform(storage, signal);
      });
      if (call.asked) this.#reachability.answered();
      return result;
    } catch (error) {
      if (error instanceof StorageError) this.#learn(call, error, fromMs);
      throw error;
    }
  }

  #learn(call: StorageCall, error: StorageError, fromMs: number): void {
    // A caller with little time says nothing about the storage.
    if (call.signal.aborted && this.#nowMs - fromMs < LEAST_SILENCE_MS) return;
    if (TROUBLES.has(error.code)) {
      this.#lastError = { message: error.message, atMs: this.#storage.clock.wallMs() };
    }
    if (error.code === 'FORBIDDEN') this.#reconsider();
    if (error.code === 'UNREACHABLE') this.#reachability.silent(call, error);
    else if (call.asked) this.#reachability.answered();
  }

  /** Its credentials may be others by now: then it is opened anew by the next call. */
  #reconsider(): void {
    const opening = this.#opening;
    const { isOutdated } = this.#storage;
    if (opening === undefined || isOutdated === undefined || this.#reconsidering) return;
    this.#reconsidering = true;
    isOutdated()
      .then(async (outdated) => {
        if (!outdated || this.#opening !== opening) return;
        this.#opening = undefined;
        await (await opening).close();
      })
      // The profile can't be read: it stays as it is.
      .catch(() => {})
      .finally(() => {
        this.#reconsidering = false;
      });
  }

  /** Rejects with UNREACHABLE when the request does not end in time, also where it does not heed its signal. */
  async #inTime<Result>(
    outer: AbortSignal | undefined,
    request: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { requestTimeoutMs } = this.#options;
    let inner: AbortSignal | undefined;
    let answer: Promise<Result> | undefined;
    try {
      return await withTimeout(this.#storage.clock, requestTimeoutMs, outer, (signal) => {
        inner = signal;
        answer = request(signal);
        return abortable(answer, signal);
      });
    } catch (error) {
      if (inner?.aborted !== true) throw error;
      if (answer !== undefined) this.#countWhileHung(answer);
      outer?.throwIfAborted();
      throw this.#error('UNREACHABLE', `no answer within ${requestTimeoutMs} ms`);
    }
  }

  #countWhileHung(request: Promise<unknown>): void {
    this.#hung += 1;
    const ended = () => {
      this.#hung -= 1;
    };
    request.then(ended, ended);
  }

  #open(): Promise<Storage> {
    if (this.#opening !== undefined) return this.#opening;
    const opening = this.#openInTime();
    this.#opening = opening;
    opening.then(
      (storage) => {
        this.#opened = storage;
      },
      () => {
        this.#opening = undefined;
      },
    );
    return opening;
  }

  /** With nobody's signal: it is for all who come meanwhile. */
  async #openInTime(): Promise<Storage> {
    let opening: Promise<Storage> | undefined;
    try {
      return await this.#inTime(undefined, () => {
        opening = this.#storage.open();
        return opening;
      });
    } catch (error) {
      // What is opened after all belongs to nobody; nor does anybody wait to hear that it failed.
      opening?.then((late) => late.close()).catch(() => {});
      throw error;
    }
  }

  async #pause(pauseMs: number, call: StorageCall): Promise<void> {
    this.#pausing += 1;
    await pause(this.#storage.clock, pauseMs, call.signal);
    this.#pausing -= 1;
    call.signal.throwIfAborted();
  }

  async #close(): Promise<void> {
    this.#closing.abort(
      this.#error(
        'UNREACHABLE',
        'it is closed, as its mount was changed or taken away, or another member leads',
      ),
    );
    const storage = await this.#opening?.catch(() => undefined);
    if (storage !== undefined) await this.#inTime(undefined, () => storage.close());
  }

  get #nowMs(): number {
    return this.#storage.clock.monotonicMs();
  }

  get #isFull(): boolean {
    return this.#waiting >= this.#options.maxWaiting;
  }

  #deadlineError({ queuedSinceMs }: StorageCall): StorageError {
    if (queuedSinceMs === undefined) return this.#error('UNREACHABLE', 'not done by the deadline');
    const { taken } = this.#places;
    return this.#reachability.answeredSince(queuedSinceMs)
      ? this.#error(
          'BUSY',
          `${taken} calls are under way, and it was not this one's turn by its deadline`,
        )
      : this.#error('UNREACHABLE', `none of ${taken} calls under way was answered by the deadline`);
  }

  #fullError(): StorageError {
    const { taken } = this.#places;
    return this.#error(
      'BUSY',
      `${taken} calls are under way and ${this.#waiting} wait; try again later`,
    );
  }

  #error(code: StorageErrorCode, message: string): StorageError {
    return new StorageError(code, `${this.#storage.uri}: ${message}`);
  }
}

function mayRepeat(error: unknown, kind: CallKind, call: StorageCall): boolean {
  if (!(error instanceof StorageError)) return false;
  if (error.code === 'BUSY') return true;
  if (error.code !== 'UNREACHABLE' && error.code !== 'FAILED') return false;
  return kind !== 'change' || !call.asked;
}
