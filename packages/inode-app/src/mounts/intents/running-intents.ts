import { Backoff, type Clock, pause } from '@raft-ts/net';
import { displayBytes } from '../../display-names.js';
import type { Intent } from '../../namespace/mounts/intent.js';
import type { Mount } from '../../namespace/mounts/mount.js';
import type { MountedTree } from '../../namespace/mounts/mounted-tree.js';
import type { Operation } from '../../namespace/operations/operation-table.js';
import type { OperationResult } from '../../namespace/operations/result.js';
import type { ByteString } from '../../namespace/tree/byte-string.js';
import type { Authority } from '../authority.js';
import type { EdgeLock, EdgeLocks } from '../edge-locks.js';
import type { StorageAccess } from '../storage-access.js';
import { carryOut } from './carry-out.js';
import { type CarriedOut, CarryingOut } from './carrying-out.js';

/** Pauses before an intent is taken up again that could not be gone on with, milliseconds. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;

/** What carrying intents out needs, of a member as long as it leads. */
export interface RunningIntentsParts {
  readonly tree: () => MountedTree;
  readonly epoch: () => Promise<number>;
  readonly propose: (operation: Operation) => Promise<OperationResult>;
  readonly access: (mount: Mount) => StorageAccess;
  readonly locks: EdgeLocks;
  readonly authority: Authority;
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
    void this.#runUntilOver(intent.id, prepared).finally(() => this.#running.delete(intent.id));
  }

  /** Whatever goes wrong, an intent is not left: others wait for it. Never rejects. */
  async #runUntilOver(id: number, prepared: PreparedChange | undefined): Promise<void> {
    const { clock, random, signal, tree } = this.#parts;
    const pauses = new Backoff(MIN_PAUSE_MS, MAX_PAUSE_MS, random);
    let taken = prepared;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const intent = tree().mounts.intents.get(id);
      const mount = intent && tree().mounts.get(intent.mount);
      if (intent === undefined || mount === undefined) break;
      try {
        await this.#run(intent, mount, taken, attempt > 1);
        break;
      } catch (error) {
        if (signal.aborted) break;
        this.#parts.hindered(mount, error instanceof Error ? error : new Error(String(error)));
      }
      taken = undefined;
      await pause(clock, pauses.next(), signal);
    }
    taken?.lock.release();
  }

  /** Rejects where the intent is not over, and is to be taken up again. */
  async #run(
    intent: Intent,
    mount: Mount,
    prepared: PreparedChange | undefined,
    isRepeated: boolean,
  ): Promise<void> {
    let lock = prepared?.lock;
    try {
      const epoch = await this.#parts.epoch();
      const isResumed = isRepeated || intent.epoch !== epoch;
      lock ??= await this.#lock(intent);
      await this.#carryOut(intent, mount, epoch, isResumed, prepared?.deadlineMs);
    } finally {
      lock?.release();
    }
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
    mount: Mount,
    epoch: number,
    isResumed: boolean,
    deadlineMs: number | undefined,
  ): Promise<void> {
    const { clock, random, signal: leading } = this.#parts;
    // Not AbortSignal.any: what it makes is kept for as long as this member leads.
    const ending = new AbortController();
    const { signal } = ending;
    const lose = () => ending.abort(leading.reason);
    leading.addEventListener('abort', lose);
    if (leading.aborted) lose();
    const work = new CarryingOut(
      intent,
      mount,
      {
        access: () => this.#parts.access(mount),
        tree: this.#parts.tree,
        authority: this.#parts.authority,
        move: async () => {
          const moved = await this.#parts.propose({ kind: 'moveIntent', intent: intent.id, epoch });
          if (typeof moved === 'number' && !this.#isOver(intent)) return;
          ending.abort(new NotMoved(moved));
          signal.throwIfAborted();
        },
        progress: (what, entries) => this.#running.set(intent.id, `: ${what} ${entries}`),
        deadlineMs,
        signal,
      },
      isResumed,
    );
    try {
      const carried = await carryOut(work, {
        clock,
        random,
        deadlineMs,
        hindered: (error) => {
          this.#parts.hindered(mount, error);
          if (this.#isOver(intent)) ending.abort(error);
        },
        signal,
      });
      await this.#finish(intent, epoch, carried);
      if ('refusal' in carried || carried.leftBehind === true) this.#doubt(mount, intent);
    } catch (error) {
      // Ended by somebody else: unmounted with force, or refused by the tree as it was to follow.
      if (!this.#isOver(intent)) throw error;
      this.#doubt(mount, intent);
    } finally {
      leading.removeEventListener('abort', lose);
    }
  }

  #isOver({ id }: Intent): boolean {
    return !this.#parts.tree().mounts.intents.has(id);
  }

  #doubt(mount: Mount, { kind, path, destination, deep }: Intent): void {
    this.#parts.doubted(mount, path, kind === 'delete' && deep);
    if (destination !== '') this.#parts.doubted(mount, destination, false);
  }

  async #finish(intent: Intent, epoch: number, carried: CarriedOut): Promise<void> {
    const outcome = await this.#parts.propose({
      kind: 'finishIntent',
      intent: intent.id,
      epoch,
      found: 'found' in carried ? carried.found : [],
      refusal: 'refusal' in carried ? carried.refusal : undefined,
    });
    if (!this.#isOver(intent)) throw new Error(`it could not be finished: ${String(outcome)}`);
  }
}

/** The tree did not follow what was copied: the originals stay. */
class NotMoved extends Error {
  override readonly name = 'NotMoved';

  constructor(result: OperationResult) {
    super(`the tree did not follow: ${String(result)}`);
  }
}
