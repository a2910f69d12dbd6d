import { type Clock, pause } from '@raft-ts/net';
import { displayBytes } from '../../display-names.js';
import type { Intent } from '../../namespace/mounts/intent.js';
import type { Mount } from '../../namespace/mounts/mount.js';
import type { MountedTree } from '../../namespace/mounts/mounted-tree.js';
import type { Operation } from '../../namespace/operations/operation-table.js';
import type { OperationResult } from '../../namespace/operations/result.js';
import type { ByteString } from '../../namespace/tree/byte-string.js';
import type { EdgeLock, EdgeLocks } from '../edge-locks.js';
import type { StorageAccess } from '../storage-access.js';
import { carryOut } from './carry-out.js';
import { type CarriedOut, CarryingOut } from './carrying-out.js';

/** What carrying intents out needs, of a member as long as it leads. */
export interface RunningIntentsParts {
  readonly tree: () => MountedTree;
  readonly epoch: () => Promise<number>;
  readonly propose: (operation: Operation) => Promise<OperationResult>;
  readonly access: (mount: Mount) => StorageAccess;
  readonly locks: EdgeLocks;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Told of what keeps a mount's changes from going on. */
  readonly hindered: (mount: Mount, error: Error) => void;
  /** The storage and the tree may differ at this path, or below it. */
  readonly doubted: (mount: Mount, path: ByteString, below: boolean) => void;
}

/** Locks that a command was prepared with, and until when its client waits. */
export interface PreparedChange {
  readonly lock: EdgeLock;
  readonly deadlineMs: number;
}

/** Carries out all intents that were begun and are not over. */
export class RunningIntents {
  readonly #parts: RunningIntentsParts;
  readonly #running = new Map<number, string>();
  /** By the path that is changed, which one command alone may change: what it holds until its intent takes that over. */
  readonly #prepared = new Map<ByteString, PreparedChange>();

  constructor(parts: RunningIntentsParts) {
    this.#parts = parts;
  }

  /** A command is about to be proposed; what is returned lets go of what it holds, unless an intent has it by then. */
  prepared(path: ByteString, change: PreparedChange): () => void {
    this.#prepared.set(path, change);
    return () => {
      if (this.#prepared.get(path) !== change) return;
      this.#prepared.delete(path);
      change.lock.release();
    };
  }

  /** What takes long in a mount, a line each. */
  linesOf(mount: number): readonly string[] {
    const { intents } = this.#parts.tree().mounts;
    return [...this.#running].flatMap(([id, line]) => {
      const intent = intents.get(id);
      return intent?.mount === mount ? [`${intent.kind} ${displayBytes(intent.path)}${line}`] : [];
    });
  }

  /** Carries an intent out, unless that is being done. */
  run(intent: Intent): void {
    if (this.#running.has(intent.id) || this.#parts.signal.aborted) return;
    this.#running.set(intent.id, '');
    const prepared = this.#prepared.get(intent.path);
    this.#prepared.delete(intent.path);
    this.#run(intent, prepared)
      .catch((error: unknown) => {
        if (this.#parts.signal.aborted) return;
        throw error;
      })
      .finally(() => this.#running.delete(intent.id));
  }

  async #run(intent: Intent, prepared: PreparedChange | undefined): Promise<void> {
    const epoch = await this.#parts.epoch();
    const isResumed = intent.epoch !== epoch;
    const lock = prepared?.lock ?? (await this.#lock(intent));
    try {
      await this.#carryOut(intent, epoch, isResumed, prepared?.deadlineMs);
      if (isResumed) await this.#outlastRequests(intent);
    } finally {
      lock.release();
    }
  }

  /** A request of the former leader may still take effect in the storage: its edges stay locked until it hardly can. */
  async #outlastRequests(intent: Intent): Promise<void> {
    const { tree, access, clock, signal } = this.#parts;
    const mount = tree().mounts.get(intent.mount);
    if (mount !== undefined) await pause(clock, access(mount).requestTimeoutMs, signal);
  }

  /** Nobody can be in its way for long: what conflicts with an intent is refused where it is applied. */
  async #lock({ kind, path, destination }: Intent): Promise<EdgeLock> {
    const { locks, signal } = this.#parts;
    const write = destination === '' ? [path] : [path, destination];
    const deadlineMs = Number.POSITIVE_INFINITY;
    return await locks.acquire({ what: { kind, path }, write, read: [], deadlineMs, signal });
  }

  async #carryOut(
    intent: Intent,
    epoch: number,
    isResumed: boolean,
    deadlineMs: number | undefined,
  ): Promise<void> {
    const mount = this.#parts.tree().mounts.get(intent.mount);
    // Unmounted with force, and the intent with it.
    if (mount === undefined) return;
    const { clock, random, signal: leading } = this.#parts;
    const abandoned = new AbortController();
    const signal = AbortSignal.any([leading, abandoned.signal]);
    const abandon = () => abandoned.abort(new IntentEnded());
    const work = new CarryingOut(
      intent,
      mount,
      {
        access: this.#parts.access(mount),
        tree: this.#parts.tree,
        move: async () => {
          await this.#move(intent, epoch);
          if (this.#isOver(intent)) abandon();
          signal.throwIfAborted();
        },
        progress: (what, entries) => this.#running.set(intent.id, `: ${what} ${entries}`),
        limits: { signal },
      },
      isResumed,
    );
    const carried = await carryOut(work, {
      clock,
      random,
      deadlineMs,
      hindered: (error) => {
        this.#parts.hindered(mount, error);
        if (this.#isOver(intent)) abandon();
      },
      signal,
    }).catch((error: unknown) => {
      if (abandoned.signal.aborted) return undefined;
      throw error;
    });
    if (carried === undefined) return;
    await this.#finish(intent, epoch, carried);
    if ('refusal' in carried || carried.leftBehind === true) this.#doubt(mount, intent);
  }

  #isOver({ id }: Intent): boolean {
    return !this.#parts.tree().mounts.intents.has(id);
  }

  #doubt(mount: Mount, { kind, path, destination, deep }: Intent): void {
    this.#parts.doubted(mount, path, kind === 'delete' && deep);
    if (destination !== '') this.#parts.doubted(mount, destination, false);
  }

  async #move(intent: Intent, epoch: number): Promise<void> {
    await this.#parts.propose({ kind: 'moveIntent', intent: intent.id, epoch });
  }

  async #finish(intent: Intent, epoch: number, carried: CarriedOut): Promise<void> {
    await this.#parts.propose({
      kind: 'finishIntent',
      intent: intent.id,
      epoch,
      found: 'found' in carried ? carried.found : [],
      refusal: 'refusal' in carried ? carried.refusal : undefined,
    });
  }
}

/** The intent was ended by somebody else: its mount was taken away. */
class IntentEnded extends Error {
  override readonly name = 'IntentEnded';
}
