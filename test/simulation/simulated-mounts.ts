import type { StorageDriver } from 'inode-app/storages';
import { byteString } from 'inode-app/store';
import type { MemberId } from 'raft-ts';
import {
  drawCommonPath,
  MIXED,
  MOUNT,
  MountClient,
  type MountClientParts,
  OUTSIDE,
} from './client/mount-client.js';
import type { WatchedStorage } from './client/mount-history.js';
import { MountSettler } from './client/mount-settler.js';
import type { VirtualProcess } from './process.js';
import { OutsideActor } from './storage/outside-actor.js';
import { type Fate, StorageWeather } from './storage/storage-weather.js';
import { StoredFiles } from './storage/stored-files.js';
import { SCHEME, type SharedStorage, virtualDriver } from './storage/virtual-storage.js';
import type { NodeId } from './wire/link.js';

/** Machines of those who work in the mount are numbered from here on. */
const FIRST_CLIENT = 201;
const SETTLER = 200;

export type SimulatedMountsParts = Omit<MountClientParts, 'files'>;

/** A storage, where it is mounted, and those who work in it: through the tree and behind its back. */
export class SimulatedMounts {
  readonly weather: StorageWeather;
  readonly clients: readonly MountClient[];
  readonly #parts: SimulatedMountsParts;
  readonly #files: StoredFiles;
  readonly #storage: SharedStorage;
  readonly #actor: OutsideActor;
  readonly #settler: MountSettler;
  readonly #watchers = new Set<(member: MemberId) => void>();

  constructor(parts: SimulatedMountsParts) {
    this.#parts = parts;
    const { mounts, time, random, coverage, trace } = parts;
    const files = new StoredFiles(() => time.nowMs);
    this.#files = files;
    this.weather = new StorageWeather(random.fork('storage weather'), mounts.storage.weather);
    this.#storage = {
      files,
      weather: this.weather,
      time,
      options: mounts.storage,
      onRequest: (...request) => this.#requested(...request),
    };
    this.clients = Array.from(
      { length: mounts.clients },
      (_, i) => new MountClient(FIRST_CLIENT + i, { ...parts, files }),
    );
    const own = this.clients.map((client) => client.own);
    for (const client of this.clients) client.meet(own);
    const directories = [OUTSIDE, MIXED];
    for (const path of [...directories, ...own.map(({ directory }) => directory)]) {
      files.makeDirectory(path);
    }
    this.#actor = new OutsideActor({
      files,
      random: random.fork('outside'),
      time,
      meanMs: mounts.outsideMs,
      drawPath: (from) => drawCommonPath(from, from.pick(directories)),
      onChange: (what) => {
        coverage.count('storage changed from outside');
        trace.record('outside', 0, 0, 0, () => what);
      },
    });
    this.#settler = new MountSettler(SETTLER, { ...parts, files });
  }

  get files(): WatchedStorage {
    return this.#files;
  }

  /** The machines of those who work there. */
  get nodes(): readonly NodeId[] {
    return this.clients.map(({ node }) => node);
  }

  driver(member: MemberId, process: VirtualProcess): StorageDriver {
    return virtualDriver(this.#storage, member, process);
  }

  #requested(member: MemberId, what: string, { reachMs, answerMs, code }: Fate, late: boolean) {
    const { coverage, trace } = this.#parts;
    if (late) coverage.count('request took effect when nobody waited for it');
    if (reachMs === undefined) coverage.count('request to a storage came to nothing');
    else if (code !== undefined) coverage.count('answer of a storage lost');
    else if (answerMs === undefined) coverage.count('request to a storage hung');
    for (const watcher of this.#watchers) watcher(member);
    trace.record('storage', member, reachMs ?? -1, answerMs ?? -1, () => `${what} ${code ?? ''}`);
  }

  /** Calls `watcher` as a request of a member reaches the storage; returns what ends that. */
  onRequest(watcher: (member: MemberId) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Resolves once all have ended, after `stop`. */
  async run(): Promise<void> {
    this.#actor.start();
    const [first] = this.clients;
    const uri = byteString(`${SCHEME}:/place`);
    await first?.mount({
      kind: 'mount',
      path: byteString(MOUNT),
      uri,
      place: uri,
      profile: byteString(''),
      readOnly: false,
      shared: false,
      syncIntervalMs: this.#parts.mounts.syncIntervalMs,
      options: [],
    });
    await Promise.all(this.clients.map((client) => client.run()));
  }

  /** All faults of the storage have ended. */
  heal(): void {
    this.weather.clearUp();
    for (const client of this.clients) client.expectAnswers();
  }

  /** Those who have done no change since `heal`. */
  get unserved(): readonly MountClient[] {
    return this.clients.filter(({ served }) => !served);
  }

  stop(): void {
    this.#actor.stop();
    for (const client of this.clients) client.stop();
  }

  /** Has all of the storage looked at, and compares: what the tree has, and what the storage. */
  async settle(intentsLeft: () => number): Promise<void> {
    await this.#settler.settle(
      this.clients.map(({ own }) => own),
      intentsLeft,
    );
  }
}
