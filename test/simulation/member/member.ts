import { isRaftError, type MemberId, type Replica, type ReplicaStatus } from 'raft-ts';
import { finishReplacing } from 'raft-ts/testing';
import { httpAddressOf } from '../addresses.js';
import type { CoverageKind } from '../coverage.js';
import { type DiskTrouble, VirtualDisk } from '../disk/virtual-disk.js';
import { type FileContents, type VirtualFile, VirtualFiles } from '../disk/virtual-files.js';
import type { MachineClock } from '../machine-clock.js';
import type { VirtualProcess } from '../process.js';
import type { VirtualRpcServer } from '../wire/rpc.js';
import { Life, type Machine, type StartOptions } from './life.js';
import { listOfRows } from './list-rows.js';
import { type ListCopy, ListStore } from './list-store.js';
import type { MemberParts } from './member-parts.js';
import { ReceivedRows, STATE_DIRECTORY } from './received-rows.js';
import { KEPT_DIRECTORY } from './snapshots.js';

const DISK_TROUBLES: Readonly<Record<DiskTrouble, CoverageKind>> = {
  slow: 'disk slow',
  stalled: 'disk stalled',
  full: 'disk full',
  write: 'writes fail',
  fsync: 'fsync fails',
};

/** What a machine held beside its log at some moment. */
export interface StateCopy {
  readonly list: ListCopy;
  readonly files: ReadonlyMap<string, FileContents>;
}

/** A machine with a disk, a state and a clock, on which one process after the other runs. */
export class Member implements Machine {
  readonly id: MemberId;
  readonly disk: VirtualDisk;
  readonly files: VirtualFiles;
  readonly store = new ListStore();
  readonly clock: MachineClock;
  readonly #parts: MemberParts;
  /** Up to here the log was told to forget, whoever needs it. */
  forgottenTo = 0;
  #lives = 0;
  #cuts = true;
  #moves = 0;
  /** What lies where the state does, and is in `store`. */
  #loaded: FileContents | undefined;
  #life: Life | undefined;

  constructor(id: MemberId, clock: MachineClock, parts: MemberParts) {
    this.id = id;
    this.clock = clock;
    this.#parts = parts;
    const { time, random, options, trace, coverage } = parts;
    const { writeMs, groupBytes, outlineBytes } = options;
    this.disk = new VirtualDisk(
      time,
      random.fork(`disk ${id}`),
      { writeMs, groupBytes, outlineBytes },
      {
        handedOver: (write, replaced) => parts.watch().hooks.handedOver(id, write, replaced),
        durable: (write, replaced) => {
          trace.record('durable', id, write.entries.at(-1)?.index ?? 0, replaced.length, () =>
            JSON.stringify({
              ...write.hardState,
              ...(write.base === undefined ? {} : { base: write.base.index }),
              entries: write.entries.map(({ index, term }) => `${index}/${term}`),
              replaced: replaced.length,
            }),
          );
          parts.watch().hooks.durable(id, write, replaced);
        },
        writing: (writes, replaces) => {
          if (writes > 1) parts.onMoment('writing', id);
          if (replaces) parts.onMoment('replacing', id);
        },
        read: () => coverage.count('entries read from disk'),
        struck: (trouble) => coverage.count(DISK_TROUBLES[trouble]),
        crashed: (sight) => coverage.count(sight),
        rebuilt: (hardState) => parts.watch().hooks.rebuilt(id, hardState),
        outlined: () => coverage.count('log opened behind its outline'),
        misread: (what) =>
          parts.watch().violate('logs-are-found-as-written', `member ${id} ${what}`),
      },
    );
    this.files = new VirtualFiles(this.disk, random.fork(`files of ${id}`), (sight) =>
      coverage.count(sight),
    );
  }

  /** How many processes have run here. */
  get lives(): number {
    return this.#lives;
  }

  get runs(): boolean {
    return this.#life !== undefined;
  }

  /** Where clients come to its process. */
  get server(): VirtualRpcServer | undefined {
    return this.#life?.server;
  }

  /** Changes in mounts that were begun and are not over, as far as it has applied them; 0 while it is down. */
  get intentsLeft(): number {
    return this.#life?.intentsLeft ?? 0;
  }

  /** As of the last turn of its process; undefined while it is down. */
  get status(): ReplicaStatus | undefined {
    return this.#life?.status;
  }

  get process(): VirtualProcess | undefined {
    return this.#life?.process;
  }

  /** Of the process that runs now; 0 for none. */
  get monotonicMs(): number {
    return this.clock.monotonicMs();
  }

  get ranMs(): number {
    return this.#life?.process.ranMs ?? 0;
  }

  get pauses(): number {
    return this.#life?.process.pauses ?? 0;
  }

  /** While it runs, and is not about to stop. */
  get replica(): Replica | undefined {
    return this.#life?.replica;
  }

  start(how: StartOptions): void {
    if (this.#life !== undefined) return;
    const { network, coverage, trace } = this.#parts;
    const life = new Life(this, ++this.#lives, this.#parts, (error) => {
      this.end();
      if (error !== undefined) this.#parts.onStopped(this.id, error);
    });
    this.#life = life;
    if (this.#lives > 1) coverage.count('member restarted');
    const { lastIndex } = this.disk.durable;
    trace.record(
      'started',
      this.id,
      lastIndex,
      this.store.appliedIndex,
      () => `log ${lastIndex}, state ${this.store.appliedIndex}`,
    );
    network.attach(this.id, life.process);
    life.start(how);
  }

  /**
   * Its log forgets nothing any more but by the service's policy: an embedder that keeps a single entry can
   * outrun a slow fetch for ever, by the few entries that members write by themselves.
   */
  cutNoMore(): void {
    this.#cuts = false;
  }

  keepHouse(): void {
    const { keepEntries } = this.#parts.options;
    this.flush();
    if (this.#cuts && Number.isFinite(keepEntries)) this.compact(keepEntries);
  }

  /** Whether the state is in memory, and nothing but its snapshots on the disk. */
  get #inMemory(): boolean {
    return this.#parts.options.application === 'memory';
  }

  get httpAddress(): string {
    return httpAddressOf(this.id, this.#moves);
  }

  /** From its next start on it answers for its state at another address. */
  move(): void {
    this.#moves++;
  }

  /** Snapshots that lie here to be handed out, or to restart from. */
  get keptFiles(): readonly VirtualFile[] {
    return this.files.filesIn(KEPT_DIRECTORY);
  }

  flush(): void {
    if (!this.#inMemory) this.store.flush();
  }

  /** All that the machine holds beside its log goes. */
  wipeState(): void {
    this.store.wipe();
    this.files.wipe();
    this.#loaded = undefined;
  }

  copyState(): StateCopy {
    return { list: this.store.copy(), files: this.files.copy() };
  }

  putBackState({ list, files }: StateCopy): void {
    this.store.replace(list);
    this.files.putBack(files);
    this.#loaded = this.files.at(STATE_DIRECTORY);
  }

  /** The log forgets all but `keep` of the entries that the state holds durably. */
  compact(keep: number): void {
    const index = this.store.flushedIndex - keep;
    const { replica } = this;
    if (replica === undefined || index <= this.disk.log.base.index) return;
    try {
      // Two may ask for it before either takes effect.
      this.forgottenTo = Math.max(this.forgottenTo, index);
      replica.compact(index);
      this.#parts.coverage.count('log compacted');
    } catch (error) {
      // It is stopping by itself.
      if (!isRaftError(error, 'REPLICA_STOPPED')) throw error;
    }
  }

  finishReplacing(): Promise<void> {
    return finishReplacing(STATE_DIRECTORY, this.files);
  }

  load(): void {
    const there = this.files.at(STATE_DIRECTORY);
    if (this.#inMemory || there === this.#loaded) return;
    this.#loaded = there;
    if (there instanceof ReceivedRows) this.store.replace(listOfRows(there.rows()));
    else this.store.wipe();
  }

  /** The process ends without a word: what was under way on its disk is lost, or in part. */
  end(): ReturnType<VirtualDisk['crash']> {
    this.#life?.end();
    this.#life = undefined;
    const { messages, rpc, network } = this.#parts;
    messages.listen(this.id, undefined);
    rpc.lost(this.id);
    network.lost(this.id);
    this.files.crash();
    if (this.#inMemory) this.store.forget();
    return this.disk.crash();
  }

  /** Stops in good order, having handed over the lead or not; `stopped` is called once it has. */
  stop(handsOver: boolean, stopped: () => void): void {
    this.#life?.stop(handsOver, stopped);
  }
}
