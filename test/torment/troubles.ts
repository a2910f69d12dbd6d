import { setTimeout as pause } from 'node:timers/promises';
import type { RunningCluster } from '../integration/running-cluster.js';
import type { Random } from '../simulation/random.js';
import type { Bystander } from './bystander.js';
import type { StorageTrouble, TormentedStorage } from './tormented-storage.js';

const MEMBERS = [1, 2, 3];
/** For how long a leader is held or away, milliseconds. */
const MASTER_MS = { min: 0, max: 4_000 };
/** For how long a storage is in trouble, milliseconds: some requests to it are given up meanwhile. */
const STORAGE_MS = { min: 500, max: 14_000 };
/** Calls that a bystander has to do meanwhile. */
const BYSTANDER_CALLS = 3;

/** What happens to masters and storages, one thing after the other: all are well in between. */
export class Troubles {
  readonly #cluster: RunningCluster;
  readonly #storages: readonly TormentedStorage[];
  readonly #random: Random;
  readonly #bystander: Bystander;
  readonly #longestMs: number;
  readonly #wellAgain: () => Promise<void>;
  /** How often each has happened. */
  readonly counts = new Map<string, number>();

  /** `longestMs`: of any of them. `wellAgain` resolves when clients get on in all mounts. */
  constructor(options: {
    readonly cluster: RunningCluster;
    readonly storages: readonly TormentedStorage[];
    readonly random: Random;
    readonly bystander: Bystander;
    readonly longestMs: number;
    readonly wellAgain: () => Promise<void>;
  }) {
    this.#cluster = options.cluster;
    this.#storages = options.storages;
    this.#random = options.random;
    this.#bystander = options.bystander;
    this.#longestMs = options.longestMs;
    this.#wellAgain = options.wellAgain;
  }

  /** One thing, drawn; in words. */
  async next(): Promise<string> {
    const random = this.#random;
    const storage = random.pick(this.#storages);
    const trouble = random.pick(storage.troubles);
    const name = `${storage.name}: ${trouble.name}`;
    const what = random.pick([
      { name: 'leader killed', happens: () => this.#killLeader() },
      { name: 'leader killed', happens: () => this.#killLeader() },
      { name: 'leader held', happens: () => this.#holdLeader() },
      { name: 'all masters killed', happens: () => this.#killAll() },
      { name, happens: () => this.#storageAlone(trouble) },
      { name, happens: () => this.#storageAlone(trouble) },
      { name, happens: () => this.#storageAlone(trouble) },
      { name: `${name}, leader killed`, happens: () => this.#both(trouble) },
    ]);
    await what.happens();
    await this.#wellAgain();
    this.counts.set(what.name, (this.counts.get(what.name) ?? 0) + 1);
    return what.name;
  }

  async #leader(): Promise<number> {
    const { members } = await this.#cluster.statusWhen((status) =>
      status.members.some(({ role }) => role === 'leader'),
    );
    return members.find(({ role }) => role === 'leader')?.id ?? 1;
  }

  async #killLeader(): Promise<void> {
    const leader = await this.#leader();
    await this.#cluster.kill(leader);
    await this.#pause(MASTER_MS);
    await this.#cluster.startMember(leader);
  }

  async #killAll(): Promise<void> {
    await this.#cluster.kill(...MEMBERS);
    await this.#cluster.startAll();
  }

  async #holdLeader(): Promise<void> {
    const leader = await this.#leader();
    this.#cluster.signal(leader, 'SIGSTOP');
    await this.#pause(MASTER_MS);
    this.#cluster.signal(leader, 'SIGCONT');
  }

  async #storageAlone(trouble: StorageTrouble): Promise<void> {
    await this.#leader();
    await this.#bystander.goesOn(1);
    this.#bystander.storagesAlone = true;
    await trouble.begin();
    await this.#pause(STORAGE_MS);
    // It would not, if the storage had to be well first.
    await this.#bystander.goesOn(BYSTANDER_CALLS);
    this.#bystander.storagesAlone = false;
    await trouble.end();
  }

  async #both(trouble: StorageTrouble): Promise<void> {
    await trouble.begin();
    await this.#killLeader();
    await this.#pause(STORAGE_MS);
    await trouble.end();
  }

  async #pause({ min, max }: { readonly min: number; readonly max: number }): Promise<void> {
    await pause(this.#random.between(min, Math.min(max, this.#longestMs)));
  }
}
