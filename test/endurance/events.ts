import type { ChangingCluster } from '../integration/changing-cluster.js';
import type { Random } from '../simulation/random.js';

const MIN_VOTERS = 3;
const MAX_VOTERS = 5;
/** For how long a member is away, milliseconds: at most so long that others' logs have left it behind. */
const MAX_AWAY_MS = 8_000;

/** What happens to the members, one thing after the other: a majority of them is always there. */
export class Events {
  readonly #cluster: ChangingCluster;
  readonly #random: Random;
  readonly #pause: (ms: number) => Promise<void>;
  readonly #backup: () => Promise<void>;
  #voters: readonly number[] = [1];
  #lastId = 1;
  /** How often each has happened. */
  readonly counts = new Map<string, number>();

  constructor(options: {
    readonly cluster: ChangingCluster;
    readonly random: Random;
    readonly pause: (ms: number) => Promise<void>;
    /** Makes a backup of the running cluster, and looks whether it is sound. */
    readonly backup: () => Promise<void>;
  }) {
    this.#cluster = options.cluster;
    this.#random = options.random;
    this.#pause = options.pause;
    this.#backup = options.backup;
  }

  /** Who votes, while nothing happens. */
  get voters(): readonly number[] {
    return this.#voters;
  }

  /** Founds the cluster. */
  async begin(): Promise<void> {
    await this.#cluster.found(1);
    while (this.#voters.length < MIN_VOTERS) await this.#add();
  }

  /** One thing, drawn; in words. */
  async next(): Promise<string> {
    const what = this.#random.pick(this.#possible());
    await what.happens();
    this.counts.set(what.name, (this.counts.get(what.name) ?? 0) + 1);
    return what.name;
  }

  #possible() {
    const all = [
      { name: 'kill', happens: () => this.#kill() },
      { name: 'kill', happens: () => this.#kill() },
      { name: 'kill all', happens: () => this.#killAll() },
      { name: 'restart', happens: () => this.#restart() },
      { name: 'wipe', happens: () => this.#wipe() },
      { name: 'transfer', happens: () => this.#transfer() },
      { name: 'replace', happens: () => this.#replace() },
      { name: 'add', happens: () => this.#add(), if: this.#voters.length < MAX_VOTERS },
      { name: 'remove', happens: () => this.#remove(), if: this.#voters.length > MIN_VOTERS },
      { name: 'backup', happens: () => this.#backup() },
    ];
    return all.filter((each) => each.if !== false);
  }

  async #kill(): Promise<void> {
    const id = this.#random.pick(this.#voters);
    await this.#cluster.kill(id);
    await this.#pause(this.#random.between(0, MAX_AWAY_MS));
    await this.#cluster.startAgain(id);
  }

  async #killAll(): Promise<void> {
    await Promise.all(this.#voters.map((id) => this.#cluster.kill(id)));
    await Promise.all(this.#voters.map((id) => this.#cluster.startAgain(id)));
  }

  async #restart(): Promise<void> {
    const id = this.#random.pick(this.#voters);
    await this.#cluster.stop(id);
    await this.#cluster.startAgain(id);
  }

  async #wipe(): Promise<void> {
    const id = this.#random.pick(this.#voters);
    await this.#cluster.kill(id);
    await this.#cluster.rejoin(id);
    // Whoever wipes the next one before loses the majority for good.
    await this.#cluster.recovered(id);
  }

  async #transfer(): Promise<void> {
    const id = this.#random.pick(this.#voters);
    this.#voters = await this.#cluster.transfer(id);
  }

  async #add(): Promise<void> {
    const id = ++this.#lastId;
    await this.#cluster.join(id);
    this.#voters = await this.#cluster.change('add', `${id}=${this.#cluster.addresses(id)}`);
  }

  async #replace(): Promise<void> {
    const [old, id] = [this.#random.pick(this.#voters), ++this.#lastId];
    await this.#cluster.join(id);
    const comes = `${id}=${this.#cluster.addresses(id)}`;
    this.#voters = await this.#cluster.change('replace', `${old}`, comes);
    await this.#cluster.dismiss(old);
  }

  async #remove(): Promise<void> {
    const id = this.#random.pick(this.#voters);
    this.#voters = await this.#cluster.change('remove', `${id}`);
    await this.#cluster.dismiss(id);
  }
}
