import type { Clock } from '@raft-ts/net';
import { MAX_TIMER_MS } from '@raft-ts/net/options';
import type { ByteString } from '../namespace/tree/byte-string.js';
import { parentPath } from '../namespace/tree/path.js';
import {
  EdgeLockError,
  type EdgeLockErrorCode,
  type InTheWay,
  type LockedOperation,
} from './edge-lock-error.js';
import { type EdgeMode, type EdgePlace, EdgeQueue } from './edge-queue.js';

/** Operations that may wait for locks at once: who comes then is refused. */
const MAX_WAITING = 10_000;

export interface EdgeLockRequest {
  /** For those who wait for it, and for people. */
  readonly what: LockedOperation;
  /** Edges that nobody else may use meanwhile, nor anything below them. Valid paths. */
  readonly write: readonly ByteString[];
  /** Edges that must stay as they are, as must all above them and above those in `write`. Valid paths. */
  readonly read: readonly ByteString[];
  /** Until when to wait, in the clock's monotonic milliseconds; Infinity for no limit. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** All edges of one operation, held. */
export interface EdgeLock extends Disposable {
  /** Gives all of them back. Safe to call twice. */
  release(): void;
}

/** A line for people. */
export interface ListedLock {
  readonly what: LockedOperation;
  readonly write: readonly ByteString[];
  readonly read: readonly ByteString[];
  readonly state: 'held' | 'waiting';
  /** Milliseconds for which it is held, or has waited. */
  readonly forMs: number;
  /** The first operation that has to end, or to give up, before this one may begin. */
  readonly waitingFor: LockedOperation | undefined;
}

/**
 * Locks on edges of the tree, in a leader's memory. An edge is the entry of a name in its directory,
 * and is called by its path. A lock on an edge to write is in the way of everything on it and below:
 * whoever uses an edge reads all above it.
 *
 * An operation names all its edges at once, and gets them all or none. It takes its place in the queues
 * of all these edges in the same turn, so each queue has operations in the order in which they came,
 * and an operation waits only for earlier ones: those that hold an edge that it wants otherwise, or that
 * came before it for such an edge and still wait. Hence nobody is overtaken by whom it conflicts with;
 * and there is no deadlock: among those that wait, the one that came first waits for holders only, which
 * have all they want.
 *
 * What is held is not limited here: it is as many as there are operations under way.
 */
export class EdgeLocks {
  readonly #clock: Clock;
  readonly #maxWaiting: number;
  readonly #queues = new Map<ByteString, EdgeQueue<Operation>>();
  readonly #held = new Set<Operation>();
  /** In order of arrival. */
  readonly #waiting = new Set<Operation>();
  /** Of the next deadline, or of an earlier one that is none any more. */
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, { maxWaiting = MAX_WAITING }: { readonly maxWaiting?: number } = {}) {
    this.#clock = clock;
    this.#maxWaiting = maxWaiting;
  }

  /** Operations that hold locks. */
  get held(): number {
    return this.#held.size;
  }

  /** Operations that wait for theirs. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Edges on which, or below which, somebody holds a lock or waits for one. */
  get edges(): number {
    return this.#queues.size;
  }

  /**
   * Takes all edges of an operation: at once where nobody is in its way, without a promise. Otherwise
   * resolves when it is its turn; rejects with an EdgeLockError, which says who is in the way, at the
   * deadline, when the signal is aborted, and at once when too many wait.
   */
  acquire(request: EdgeLockRequest): EdgeLock | Promise<EdgeLock> {
    const { signal, what } = request;
    if (signal.aborted) {
      return Promise.reject(
        new EdgeLockError('ABORTED', what, undefined, { cause: signal.reason }),
      );
    }
    const operation = new Operation(request, this.#clock.monotonicMs(), (one) => this.#leave(one));
    for (const [edge, mode] of edgesOf(request)) this.#enter(operation, edge, mode);
    if (operation.blocked === 0) {
      this.#held.add(operation);
      return operation;
    }
    const refusal = this.#refusalOf(operation);
    if (refusal === undefined) return this.#wait(operation);
    const error = this.#error(operation, refusal);
    this.#leave(operation);
    return Promise.reject(error);
  }

  /** Who holds locks, then who waits, each in the order in which they began to. */
  list(): readonly ListedLock[] {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#held, ...this.#waiting].map((operation) => ({
      what: operation.request.what,
      write: operation.request.write,
      read: operation.request.read,
      state: operation.blocked === 0 ? 'held' : 'waiting',
      forMs: nowMs - operation.sinceMs,
      waitingFor: this.#firstInTheWay(operation)?.owner.request.what,
    }));
  }

  #enter(operation: Operation, edge: ByteString, mode: EdgeMode): void {
    let queue = this.#queues.get(edge);
    if (queue === undefined) {
      queue = new EdgeQueue();
      this.#queues.set(edge, queue);
    }
    const place: EdgePlace<Operation> = {
      owner: operation,
      edge,
      mode,
      clear: false,
      before: undefined,
      behind: undefined,
    };
    queue.add(place);
    operation.places.push(place);
    if (!place.clear) operation.blocked += 1;
  }

  #refusalOf(operation: Operation): EdgeLockErrorCode | undefined {
    if (this.#waiting.size >= this.#maxWaiting) return 'TOO_MANY_WAITING';
    return operation.request.deadlineMs <= operation.sinceMs ? 'LOCKED' : undefined;
  }

  #wait(operation: Operation): Promise<EdgeLock> {
    this.#waiting.add(operation);
    this.#wakeAt(operation.request.deadlineMs);
    const { signal } = operation.request;
    const abort = () => this.#refuse(operation, 'ABORTED');
    signal.addEventListener('abort', abort);
    operation.stopListening = () => signal.removeEventListener('abort', abort);
    return new Promise((resolve, reject) => {
      operation.resolve = resolve;
      operation.reject = reject;
    });
  }

  #refuse(operation: Operation, code: EdgeLockErrorCode): void {
    const error = this.#error(operation, code);
    this.#endWait(operation);
    this.#leave(operation);
    operation.reject(error);
  }

  /** Takes an operation that waits or holds out of all queues, and lets those in whose turn it is then. */
  #leave(operation: Operation): void {
    this.#held.delete(operation);
    for (const place of operation.places.splice(0)) {
      const queue = this.#queueOf(place);
      for (const { owner } of queue.remove(place)) {
        owner.blocked -= 1;
        if (owner.blocked === 0) this.#grant(owner);
      }
      if (queue.isEmpty) this.#queues.delete(place.edge);
    }
  }

  #grant(operation: Operation): void {
    this.#endWait(operation);
    operation.sinceMs = this.#clock.monotonicMs();
    this.#held.add(operation);
    operation.resolve(operation);
  }

  #endWait(operation: Operation): void {
    operation.stopListening();
    this.#waiting.delete(operation);
    if (this.#waiting.size === 0) this.#cancelTimer();
  }

  #wakeAt(atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) return;
    if (this.#timer !== undefined && this.#timer.atMs <= atMs) return;
    this.#cancelTimer();
    const delayMs = Math.max(0, Math.min(atMs - this.#clock.monotonicMs(), MAX_TIMER_MS));
    this.#timer = { atMs, cancel: this.#clock.after(delayMs, () => this.#expire()) };
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #expire(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.monotonicMs();
    for (const operation of this.#waiting) {
      if (operation.request.deadlineMs <= nowMs) this.#refuse(operation, 'LOCKED');
    }
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { request } of this.#waiting) nextMs = Math.min(nextMs, request.deadlineMs);
    this.#wakeAt(nextMs);
  }

  #error(operation: Operation, code: EdgeLockErrorCode): EdgeLockError {
    const { signal, what } = operation.request;
    const options = code === 'ABORTED' ? { cause: signal.reason } : {};
    return new EdgeLockError(code, what, this.#inTheWayOf(operation), options);
  }

  #inTheWayOf(operation: Operation): InTheWay | undefined {
    const place = operation.firstBlocked;
    let holder = this.#firstInTheWay(operation)?.owner;
    if (place === undefined || holder === undefined) return undefined;
    // Each is older than the one before, and the first that waits for nobody holds.
    for (let next: Operation | undefined = holder; next !== undefined; ) {
      holder = next;
      next = this.#firstInTheWay(next)?.owner;
    }
    return {
      edge: place.edge,
      holder: holder.request.what,
      heldMs: this.#clock.monotonicMs() - holder.sinceMs,
      waitingBefore: this.#queueOf(place).waitingBefore(place),
    };
  }

  #firstInTheWay(operation: Operation): EdgePlace<Operation> | undefined {
    const place = operation.firstBlocked;
    return place === undefined ? undefined : this.#queueOf(place).inTheWayOf(place);
  }

  #queueOf({ edge }: EdgePlace<Operation>): EdgeQueue<Operation> {
    const queue = this.#queues.get(edge);
    if (queue === undefined) throw new Error('an edge with a place in it has lost its queue');
    return queue;
  }
}

class Operation implements EdgeLock {
  readonly request: EdgeLockRequest;
  /** Since when it holds its locks, or waits. */
  sinceMs: number;
  readonly places: EdgePlace<Operation>[] = [];
  /** Places that are not clear: without any, the operation holds all it wants. */
  blocked = 0;
  resolve: (lock: EdgeLock) => void = () => {};
  reject: (error: EdgeLockError) => void = () => {};
  stopListening: () => void = () => {};
  readonly #leave: (operation: Operation) => void;

  constructor(request: EdgeLockRequest, sinceMs: number, leave: (operation: Operation) => void) {
    this.request = request;
    this.sinceMs = sinceMs;
    this.#leave = leave;
  }

  get firstBlocked(): EdgePlace<Operation> | undefined {
    return this.blocked === 0 ? undefined : this.places.find(({ clear }) => !clear);
  }

  release(): void {
    this.#leave(this);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** Each edge that an operation locks, once: to write where it asks for that, too. */
function edgesOf({ write, read }: EdgeLockRequest): ReadonlyMap<ByteString, EdgeMode> {
  const edges = new Map<ByteString, EdgeMode>();
  for (const path of write) addPath(edges, path);
  for (const path of read) addPath(edges, path);
  for (const path of write) edges.set(path, 'write');
  return edges;
}

/** Adds a path and all above it to what is read: where one is in, all above it are. */
function addPath(edges: Map<ByteString, EdgeMode>, path: ByteString): void {
  for (let edge = path; !edges.has(edge); edge = parentPath(edge)) edges.set(edge, 'read');
}
