import { setMaxListeners } from 'node:events';
import { Backoff, pause } from '@raft-ts/net';
import { StateMachineError, type StateMachineErrorCode } from '@raft-ts/statemachine';
import { displayBytes, displayMessage } from '../display-names.js';
import type { Intent } from '../namespace/mounts/intent.js';
import type { Mount } from '../namespace/mounts/mount.js';
import type { MountCondition } from '../namespace/mounts/mount-condition.js';
import type { MountedTree } from '../namespace/mounts/mounted-tree.js';
import { encodeCommand } from '../namespace/operations/command-codec.js';
import type { Operation } from '../namespace/operations/operation-table.js';
import { type OperationResult, parseResults } from '../namespace/operations/result.js';
import { encodeQuery } from '../namespace/queries/query-table.js';
import type { ByteString } from '../namespace/tree/byte-string.js';
import { failure } from '../namespace/tree/failure.js';
import { StorageError } from '../storages/storage-error.js';
import { Authority } from './authority.js';
import { EdgeLocks } from './edge-locks.js';
import { RunningIntents } from './intents/running-intents.js';
import { LookRefused } from './look-parts.js';
import { Looks } from './looks.js';
import { MountAccesses } from './mount-accesses.js';
import { MountTroubles } from './mount-troubles.js';
import type { MountsOptions, MountsService } from './mounts-options.js';
import type { StorageAccess } from './storage-access.js';
import { SyncJobs } from './sync-jobs.js';
import { SyncTimes } from './sync-times.js';

/** Pauses between two attempts to have a step applied, milliseconds. */
const MIN_PAUSE_MS = 20;
const MAX_PAUSE_MS = 1_000;

/** What will not be otherwise next time. */
const NEVER: ReadonlySet<StateMachineErrorCode> = new Set(['COMMAND_TOO_LARGE', 'INVALID_COMMAND']);

/**
 * What a member knows and does about storages for as long as it leads, in one term. Nothing of it outlives that: the next
 * leader finds what was begun in the replicated tree, and how far it came in the storages.
 */
export class Lead {
  readonly tree: () => MountedTree;
  readonly accesses: MountAccesses;
  readonly locks: EdgeLocks;
  readonly times = new SyncTimes();
  readonly looks: Looks;
  readonly intents: RunningIntents;
  readonly jobs: SyncJobs;
  readonly troubles: MountTroubles;
  readonly #options: MountsOptions;
  readonly #service: MountsService;
  readonly #ending = new AbortController();
  #opening: Promise<number> | undefined;
  /** Once it is open. */
  #epoch: number | undefined;

  constructor(options: MountsOptions, service: MountsService) {
    // All that is under way listens; each of that is bounded.
    setMaxListeners(0, this.signal);
    this.#options = options;
    this.#service = service;
    this.tree = options.tree;
    const { clock, random, drivers, credentials, access = {} } = options;
    this.accesses = new MountAccesses({ drivers, credentials, clock, random, access });
    this.locks = new EdgeLocks(clock);
    this.troubles = new MountTroubles(clock);
    const shared = {
      tree: this.tree,
      epoch: () => this.epoch(),
      propose: (operation: Operation) => this.propose(operation),
      access: (mount: Mount) => this.access(mount),
      locks: this.locks,
      clock,
      random,
      signal: this.signal,
    };
    this.looks = new Looks({
      ...shared,
      times: this.times,
      skipped: (mount, line) => this.troubles.skipped(mount.id, line),
      looked: (mount, error) => this.troubles.looked(mount.id, error),
    });
    this.jobs = new SyncJobs({ looks: this.looks, tree: this.tree, clock, signal: this.signal });
    const authority = new Authority({
      confirm: () => this.#confirm(),
      clock,
      signal: this.signal,
    });
    this.intents = new RunningIntents({
      ...shared,
      authority,
      hindered: (mount, error) => this.troubles.failed(mount.id, error.message),
      doubted: (mount, path, below) => this.#doubt(mount, path, below),
    });
  }

  /** Aborted once this member does not lead any more. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** The way to a mount's storage, as the mount is now. Throws LookRefused where it is mounted no more. */
  access({ id, path }: Mount): StorageAccess {
    const mount = this.tree().mounts.get(id);
    if (mount === undefined) throw new LookRefused(failure('MOUNT_GONE', path));
    return this.accesses.of(mount);
  }

  /**
   * What this leader's steps are known by; opened when it is first needed, and anew where somebody else has opened one
   * since, as a former leader's late command may. What others began goes on then.
   */
  epoch(): Promise<number> {
    if (this.#epoch !== undefined && this.#epoch !== this.tree().mounts.epoch) {
      this.#epoch = undefined;
      this.#opening = undefined;
    }
    this.#opening ??= this.#openEpoch();
    return this.#opening;
  }

  async #openEpoch(): Promise<number> {
    try {
      const result = await this.propose({ kind: 'openEpoch' });
      if (typeof result !== 'number') throw new LookRefused(result);
      this.#epoch = result;
      for (const intent of this.tree().mounts.intents.values()) this.intents.run(intent);
      return result;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  /** A read as of now takes a majority that still follows; one that follows another makes this member hear of it. */
  async #confirm(): Promise<void> {
    const { signal } = this;
    try {
      await this.#service.query(encodeQuery({ kind: 'mounts' }), { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StateMachineError)) throw error;
      throw new StorageError('BUSY', `nobody confirms that this member leads: ${error.message}`);
    }
    signal.throwIfAborted();
  }

  /** Where anything is mounted, what was begun there has to be gone on with. */
  wake(): void {
    const { mounts } = this.tree();
    if (mounts.isEmpty && mounts.intents.size === 0) return;
    this.epoch().catch((error: unknown) => {
      if (!this.signal.aborted) this.#options.log?.(displayMessage(`mounts: ${String(error)}`));
    });
  }

  intentBegan(intent: Intent): void {
    this.looks.touch(intent.writes);
    this.intents.run(intent);
  }

  intentEnded(intent: Intent): void {
    this.looks.touch(intent.writes);
  }

  mountsChanged(): void {
    const { mounts } = this.tree();
    this.accesses.keep((id) => mounts.get(id));
    this.troubles.keep((id) => mounts.get(id) !== undefined);
    this.wake();
  }

  /** How it is with a mount's storage. */
  condition(mount: number): MountCondition | undefined {
    const access = this.accesses.known(mount);
    if (access === undefined) return undefined;
    const { state, answeredMsAgo, lastError, underWay, waiting } = access.status;
    const looks = [...this.looks.directories].filter((look) => look.mount.id === mount);
    return {
      state,
      answeredMsAgo,
      syncedMsAgo: this.troubles.syncedMsAgo(mount),
      lastError: this.troubles.lastError(mount) ?? lastError?.message,
      callsUnderWay: underWay,
      callsWaiting: waiting,
      underWay: [
        ...this.intents.linesOf(mount),
        ...looks.map(({ path, counts }) => `sync ${displayBytes(path)}: ${counts.entries} entries`),
      ],
      skipped: this.troubles.skippedIn(mount),
    };
  }

  /** After a change that the storage refused, or that went only half the way: looks what is there. */
  #doubt(mount: Mount, path: ByteString, below: boolean): void {
    this.looks.lookUp(mount, path, this.signal).catch(() => {});
    if (below) this.jobs.begin(mount, path, true);
  }

  /** Has a step applied, as long as this member leads: each may come twice, and does nothing the second time. */
  async propose(operation: Operation): Promise<OperationResult> {
    const { clock, random } = this.#options;
    const pauses = new Backoff(MIN_PAUSE_MS, MAX_PAUSE_MS, random);
    // What leads here may be called while a command is applied: that is not the time for the next one.
    await Promise.resolve();
    for (;;) {
      this.signal.throwIfAborted();
      try {
        const signal = this.signal;
        const answer = await this.#service.command(encodeCommand([operation]), { signal });
        const [result] = parseResults(answer, 1);
        return result ?? 0;
      } catch (error) {
        this.signal.throwIfAborted();
        if (!(error instanceof StateMachineError) || NEVER.has(error.code)) throw error;
      }
      await pause(clock, pauses.next(), this.signal);
    }
  }

  /** Ends all that is under way. Safe to call twice. */
  async end(): Promise<void> {
    this.#ending.abort(new StateMachineError('NOT_LEADER', 'this member does not lead any more'));
    await this.accesses.close();
  }
}
