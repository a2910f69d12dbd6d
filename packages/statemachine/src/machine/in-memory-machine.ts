import { abortable, type Clock, observe, systemClock, type WireValue } from '@raft-ts/net';
import {
  callback,
  completeOptions,
  type OptionsForm,
  optional,
  text,
  withMethods,
} from '@raft-ts/net/options';
import {
  isDiskFull,
  isRaftError,
  RaftError,
  type SnapshotApplication,
  type SnapshotKeeper,
  type SnapshotManifest,
  type SnapshotState,
  type SnapshotSupply,
  stateOf,
} from 'raft-ts';
import { GROUP, type LogBase } from 'raft-ts/core';
import { optionsInvalid } from '../errors.js';
import { clock } from '../option-checks.js';
import type { ApplyContext, DurableStateMachine, FrameworkRow } from './durable-state-machine.js';
import { HeldMoment } from './held-moment.js';
import type { InMemoryStateMachine } from './in-memory-state-machine.js';
import { SnapshotMap } from './snapshot-map.js';
import { readState } from './state-chunks.js';

export interface InMemoryMachineOptions<Command, Query> {
  readonly machine: InMemoryStateMachine<Command, Query>;
  readonly clusterId: string;
  /** What the state is; a snapshot of a higher version is refused. */
  readonly application: SnapshotApplication;
  /** Open, with `keepsNewest`: its snapshots are what a restart begins from. */
  readonly keeper: SnapshotKeeper;
  /** `Replica.baseAt` of the member; undefined before there is one. */
  readonly baseAt: (index: number) => LogBase | undefined;
  /** Asked before a snapshot is made, with what the last one took: rejects where there is no room. */
  readonly checkRoom?: (neededBytes: number) => Promise<void>;
  readonly clock?: Clock;
  /** What it throws is uncaught. */
  readonly onEvent?: (event: InMemoryMachineEvent) => void;
}

/** A snapshot was not made, for want of room or because all that are kept are being read; the log keeps what it lacks. */
export interface InMemoryMachineEvent {
  readonly type: 'snapshot-put-off';
  readonly error: Error;
}

export function inMemoryOptionsForm<Command, Query>(): OptionsForm<
  InMemoryMachineOptions<Command, Query>,
  Record<never, never>
> {
  return {
    fields: {
      machine: withMethods('parseCommand', 'parseQuery', 'apply', 'query', 'snapshot', 'restore'),
      clusterId: text,
      // Who writes a header checks what is in it.
      application: withMethods(),
      keeper: withMethods('make', 'read', 'check', 'adopt'),
      baseAt: callback(),
      checkRoom: optional(callback()),
      clock,
      onEvent: optional(callback()),
    },
    defaults: {},
  };
}

/** A state is replayed into a machine once: what it holds of a former time would count twice. */
const opened = new WeakSet<object>();

/**
 * Makes of a state machine in memory what a `StateMachineService` runs: what a durable one writes to its store
 * is in the snapshots of a keeper here. State, the framework's rows and the applied index are one snapshot.
 *
 * `flush`, which comes before the log is cut, makes one and resolves with its index. Others get them from the
 * same keeper; `take` makes one for them where there is none. `install` takes another member's.
 */
export class InMemoryMachine<Command, Query>
  implements DurableStateMachine<Command, Query>, SnapshotSupply
{
  readonly #options: InMemoryMachineOptions<Command, Query>;
  readonly #machine: InMemoryStateMachine<Command, Query>;
  readonly #clock: Clock;
  /** By their key, a character a byte. */
  readonly #rows = new SnapshotMap<string, Uint8Array>();
  #appliedIndex = 0;
  /** The moment that a snapshot is made of. */
  #held: HeldMoment | undefined;
  #closed = false;
  /** While another member's state takes the place of this one, and ever after where that fails. */
  #replacing: Promise<void> | undefined;

  private constructor(options: InMemoryMachineOptions<Command, Query>) {
    this.#options = options;
    this.#machine = options.machine;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Takes the state from the newest snapshot that is as it was written; where there is none, the machine begins
   * empty. Each machine is opened once: a restart begins with another one. Damaged ones are removed, which their keeper tells. Rejects with OPTIONS_INVALID, SNAPSHOT_FOREIGN for
   * another application or a later version, what the machine's `restore` rejects with, or what the file system reports.
   */
  static async open<Command, Query>(
    given: InMemoryMachineOptions<Command, Query>,
  ): Promise<InMemoryMachine<Command, Query>> {
    const form = inMemoryOptionsForm<Command, Query>();
    const options = completeOptions(form, given, optionsInvalid);
    if (opened.has(options.machine)) {
      throw optionsInvalid('machine was opened before, and holds a state: make a new one');
    }
    opened.add(options.machine);
    const machine = new InMemoryMachine(options);
    const newest = await machine.#newestWhole();
    if (newest !== undefined) await machine.#restore(newest);
    return machine;
  }

  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  parseCommand(value: WireValue): Command {
    return this.#machine.parseCommand(value);
  }

  parseQuery(value: WireValue): Query {
    return this.#machine.parseQuery(value);
  }

  prefetch(): undefined {
    return undefined;
  }

  apply(command: Command, context: ApplyContext): WireValue {
    return this.#machine.apply(command, context);
  }

  commit(appliedIndex: number, rows: readonly FrameworkRow[]): void {
    for (const { key, value } of rows) {
      const name = Buffer.from(key).toString('latin1');
      if (value === undefined) this.#rows.delete(name);
      else this.#rows.set(name, value);
    }
    this.#appliedIndex = appliedIndex;
  }

  async *frameworkRows(): AsyncGenerator<{ readonly key: Uint8Array; readonly value: Uint8Array }> {
    for (const [name, value] of this.#rows) yield { key: Buffer.from(name, 'latin1'), value };
  }

  async query(query: Query, signal?: AbortSignal): Promise<WireValue> {
    // Half of a state would be answered from, however fresh the former one was.
    if (this.#replacing !== undefined) await abortable(this.#replacing, signal);
    return this.#machine.query(query, signal);
  }

  pendingWork(): undefined {
    return undefined;
  }

  /**
   * Makes a snapshot, unless there is one of this state, and resolves with the index of the newest. Where it
   * can't be made for now, that is below what is applied. Rejects with what the machine's `snapshot` throws.
   */
  async flush(): Promise<number> {
    if (this.#durableIndex < this.#appliedIndex) await this.#keepSnapshot();
    return this.#durableIndex;
  }

  get #durableIndex(): number {
    return this.#options.keeper.snapshots.at(-1)?.header.base.index ?? 0;
  }

  async #keepSnapshot(): Promise<void> {
    const { keeper, application, clusterId, checkRoom, onEvent } = this.#options;
    await using state = await this.take(0, new AbortController().signal);
    if (state === undefined) return;
    const { base, contents } = state;
    const header = { clusterId, group: GROUP, base, application, contents };
    const { signal } = new AbortController();
    try {
      await checkRoom?.(await this.estimatedBytes());
      await keeper.make(base, (path, how) => state.write(path, header, { ...how, signal }));
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (!this.#closed) observe(onEvent, { type: 'snapshot-put-off', error });
    }
  }

  /** The state as it is, to be written while others are applied; one at a time, others wait. */
  async take(index: number, signal: AbortSignal): Promise<SnapshotState | undefined> {
    while (this.#held !== undefined) await abortable(this.#held.released, signal);
    signal.throwIfAborted();
    const base = this.#options.baseAt(this.#appliedIndex);
    if (this.#closed || base === undefined || base.index < index) return undefined;
    const held = new HeldMoment(this.#machine.snapshot(), this.#rows.moment(), this.#clock, () => {
      this.#held = undefined;
    });
    this.#held = held;
    return stateOf(base, { chunks: held.chunks() }, () => held.release());
  }

  /** What the last snapshot took. */
  async estimatedBytes(): Promise<number> {
    return this.#options.keeper.snapshots.at(-1)?.fileBytes ?? 0;
  }

  /**
   * The state of another member, in a file that was received whole, takes the place of this one's: for
   * `FileSnapshotReceiver`. Durable once the keeper has it. Queries wait meanwhile.
   */
  async install(path: string, manifest: SnapshotManifest): Promise<void> {
    this.#replacing = this.#install(path, manifest);
    await this.#replacing;
    this.#replacing = undefined;
  }

  async #install(path: string, manifest: SnapshotManifest): Promise<void> {
    await this.#endHeld('another state takes the place of this one');
    this.#checkReadable(manifest);
    await this.#options.keeper.adopt(path, manifest);
    await this.#restore(manifest);
  }

  /** Gives up the snapshot that is being made. Keeper and machine are the caller's. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#endHeld('the member has stopped');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #endHeld(why: string): Promise<void> {
    this.#held?.abandon(new RaftError('SNAPSHOT_FAILED', `the snapshot was given up: ${why}`));
    while (this.#held !== undefined) await this.#held.released;
  }

  async #newestWhole(): Promise<SnapshotManifest | undefined> {
    const { keeper } = this.#options;
    const { signal } = new AbortController();
    for (const manifest of [...keeper.snapshots].reverse()) {
      this.#checkReadable(manifest);
      await keeper.check(manifest.id, signal);
      if (keeper.snapshots.includes(manifest)) return manifest;
    }
    return undefined;
  }

  #checkReadable({ header }: SnapshotManifest): void {
    const { name, version } = this.#options.application;
    const { application, contents, base } = header;
    if (contents === 'chunks' && application.name === name && application.version <= version)
      return;
    throw new RaftError(
      'SNAPSHOT_FOREIGN',
      `the snapshot as of ${base.index} is a state of "${application.name}", version ` +
        `${application.version}, in ${contents}; this member reads "${name}" up to version ${version} in chunks. ` +
        'Start the version that wrote it',
    );
  }

  async #restore(manifest: SnapshotManifest): Promise<void> {
    await using reading = await this.#options.keeper.read(manifest.id);
    if (reading === undefined) throw new RaftError('SNAPSHOT_FAILED', 'the snapshot is gone');
    const { base, application } = manifest.header;
    this.#rows.clear();
    const { rows, rest } = readState(reading.blocks(), this.#clock);
    for await (const [name, value] of rows) this.#rows.set(name, value);
    await this.#machine.restore(rest(), application.version);
    this.#appliedIndex = base.index;
  }
}

/** What the disk or whoever reads is to blame for, and not the state machine: it may be better later. */
function isPassing(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return isRaftError(error, 'SNAPSHOT_FAILED') || isDiskFull(error);
}
