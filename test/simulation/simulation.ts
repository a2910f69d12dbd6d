import type { Client } from './client/client.js';
import { DirectClient } from './client/direct-client.js';
import { FrameworkClient } from './client/framework-client.js';
import { Cluster } from './cluster.js';
import { Coverage } from './coverage.js';
import { drawBackups } from './faults/backups.js';
import type { Fault } from './faults/fault.js';
import { drawFounding } from './faults/founding.js';
import { Nemesis } from './faults/nemesis.js';
import { drawOlderCopy, OLDER_COPY } from './faults/older-copies.js';
import { drawSchedule } from './faults/schedule.js';
import { drawStorageFaults } from './faults/storages.js';
import { drawWrongMachine, WRONG_MACHINE } from './faults/wrong-machines.js';
import { drawMountOptions } from './mount-options.js';
import { Operator } from './operator.js';
import { drawOptions, type SimulationOptions, withMounts } from './options.js';
import { whoDiffers } from './properties/diverged-members-stop.js';
import {
  PROPERTIES,
  PROPERTIES_WITH_OLDER_COPY,
  PROPERTIES_WITH_WRONG_MACHINE,
} from './properties/index.js';
import {
  canServe,
  converged,
  describeCluster,
  LIVENESS_AFTER_HEALING,
  LIVENESS_MS,
  unserved,
} from './properties/liveness-after-healing.js';
import { whoseLogIsTooLong } from './properties/logs-stay-bounded.js';
import type { NamedProperty, Violation, World } from './property.js';
import { Random } from './random.js';
import { SimulatedMounts } from './simulated-mounts.js';
import { VirtualTime } from './time.js';
import { Trace } from './trace.js';
import { Watch } from './watch.js';
import { VirtualNetwork } from './wire/network.js';
import { RpcExchange } from './wire/rpc.js';

/** Clients' machines are numbered from here on. */
const FIRST_CLIENT = 101;
/** How long after everything has healed a state that differs may go unnoticed. */
const NOTICED_MS = 30_000;
/** And whoever changes the membership. */
const OPERATOR = 99;
/** How long a run takes at least, unless told otherwise. */
export const DEFAULT_RUN_MS = 60_000;

export interface RunRequest {
  readonly seed: number;
  /** Virtual time, healing included; faults strike during the first five sixths of it. */
  readonly runMs?: number;
  /** How many members the cluster has; drawn from the seed when not given. */
  readonly members?: number | undefined;
  /** Whether a storage is mounted; drawn when not given. */
  readonly mounts?: boolean | undefined;
  /** Instead of what the seed would draw. */
  readonly options?: Partial<SimulationOptions> | undefined;
  /** Only these of the faults that the seed would draw, by their numbers. */
  readonly faults?: readonly number[];
  /** Instead of all. */
  readonly properties?: readonly NamedProperty[];
  /** Takes the lines of a readable trace. */
  readonly onTrace?: (line: string) => void;
}

/** How one run ended. */
export interface RunResult {
  readonly seed: number;
  readonly options: SimulationOptions;
  readonly schedule: readonly Fault[];
  /** Undefined when every property held. */
  readonly violation: Violation | undefined;
  readonly coverage: Coverage;
  /** Equal for equal runs. */
  readonly traceHash: string;
  readonly virtualMs: number;
  readonly events: number;
  readonly committed: number;
  /** CPU time it took, of all threads of this process. */
  readonly cpuMs: number;
}

/** Runs one cluster under the load and the faults that the seed stands for. */
export async function simulate(request: RunRequest): Promise<RunResult> {
  return new Simulation(request).run();
}

function optionsOf(
  random: Random,
  runMs: number,
  { members, mounts, options: given }: Pick<RunRequest, 'members' | 'mounts' | 'options'>,
): SimulationOptions {
  const drawn = drawOptions(random.fork('options'), runMs, members);
  const mounted =
    mounts === true && drawn.mounts === undefined
      ? withMounts(drawn, drawMountOptions(random.fork('mount options')))
      : drawn;
  const options = { ...mounted, ...given };
  const isMounted = options.application === 'namespace' && mounts !== false;
  return isMounted ? options : { ...options, mounts: undefined };
}

function propertiesOf(setBack: boolean, goesWrong: boolean): readonly NamedProperty[] {
  if (setBack) return PROPERTIES_WITH_OLDER_COPY;
  return goesWrong ? PROPERTIES_WITH_WRONG_MACHINE : PROPERTIES;
}

class Simulation {
  readonly #seed: number;
  readonly #options: SimulationOptions;
  readonly #schedule: readonly Fault[];
  /** Whether a state machine is made to go wrong. */
  readonly #goesWrong: boolean;
  /** Neither that, nor is an older copy of a disk put back. */
  readonly #isOrdinary: boolean;
  readonly #time = new VirtualTime();
  readonly #coverage = new Coverage();
  readonly #trace: Trace;
  readonly #network: VirtualNetwork;
  readonly #cluster: Cluster;
  readonly #watch: Watch;
  readonly #clients: readonly Client[];
  /** Undefined where nothing is mounted. */
  readonly #mounts: SimulatedMounts | undefined;
  readonly #nemesis: Nemesis;
  readonly #world: World;

  constructor({
    seed,
    runMs = DEFAULT_RUN_MS,
    members,
    mounts,
    options: given,
    faults,
    properties,
    onTrace,
  }: RunRequest) {
    const random = new Random(seed);
    const options = optionsOf(random, runMs, { members, mounts, options: given });
    const time = this.#time;
    const coverage = this.#coverage;
    this.#seed = seed;
    this.#options = options;
    const scheduled = drawSchedule(random.fork('schedule'), options.members, options.faultMs);
    const drawn = [
      ...scheduled,
      ...drawFounding(random.fork('founding'), options.members, scheduled.length),
    ];
    drawn.push(
      ...drawOlderCopy(random.fork('older copy'), options.members, options.faultMs, drawn.length),
    );
    // One or the other: what is lost by an older copy would be taken for what went wrong.
    if (options.application !== 'direct' && !drawn.some(({ kind }) => kind === OLDER_COPY)) {
      drawn.push(
        ...drawWrongMachine(
          random.fork('wrong machine'),
          options.members,
          options.faultMs,
          drawn.length,
        ),
      );
    }
    drawn.push(
      ...drawBackups(random.fork('backups'), options.members, options.faultMs, drawn.length),
    );
    if (options.mounts !== undefined) {
      drawn.push(
        ...drawStorageFaults(
          random.fork('storage faults'),
          options.members,
          options.faultMs,
          drawn.length,
        ),
      );
    }
    this.#schedule =
      faults === undefined ? drawn : drawn.filter(({ number }) => faults.includes(number));
    const setBack = this.#schedule.some(({ kind }) => kind === OLDER_COPY);
    this.#goesWrong = this.#schedule.some(({ kind }) => kind === WRONG_MACHINE);
    this.#isOrdinary = !setBack && !this.#goesWrong;
    this.#trace = new Trace(() => time.nowMs, onTrace);
    this.#network = new VirtualNetwork(time, random.fork('network'), options.network, coverage);
    const parts = {
      options,
      time,
      random,
      coverage,
      network: this.#network,
      rpc: new RpcExchange({
        network: this.#network,
        cutting: {
          maxPieces: options.maxRequestPieces,
          random: random.fork('request pieces'),
          onCut: () => coverage.count('request or answer cut on its way'),
        },
        coverage,
        limits: options.rpc,
        onFault: (error) => this.#watch.violate('requests', String(error)),
      }),
      trace: this.#trace,
    };
    const committed: World['committed'] = [];
    const cluster = new Cluster({
      ...parts,
      watch: () => this.#watch,
      mounts: () => this.#mounts,
    });
    this.#cluster = cluster;
    const mounted = () => this.#mounts;
    this.#world = {
      get storage() {
        return mounted()?.files;
      },
      options,
      coverage,
      committed,
      committedIn: [],
      member: (id) => cluster.member(id),
      nowMs: () => time.nowMs,
      participants: () => cluster.participants(),
      hasLost: (id) => cluster.losses.has(id),
    };
    this.#watch = new Watch(
      properties ?? propertiesOf(setBack, this.#goesWrong),
      this.#world,
      time,
    );
    let operations = 0;
    const nextOperation = () => ++operations;
    const OneClient = options.application === 'direct' ? DirectClient : FrameworkClient;
    this.#clients = Array.from(
      { length: options.clients },
      (_, i) => new OneClient(FIRST_CLIENT + i, { ...parts, watch: this.#watch, nextOperation }),
    );
    this.#mounts =
      options.mounts === undefined
        ? undefined
        : new SimulatedMounts({ ...parts, mounts: options.mounts, watch: this.#watch });
    const clients = [...this.#clients, ...(this.#mounts?.clients ?? [])].map(({ node }) => node);
    const operator =
      options.application === 'direct' ? undefined : new Operator({ ...parts, node: OPERATOR });
    this.#nemesis = new Nemesis({
      ...parts,
      operator,
      random: random.fork('nemesis'),
      cluster,
      clients,
      mounts: this.#mounts,
      watch: this.#watch,
    });
  }

  async run(): Promise<RunResult> {
    const options = this.#options;
    const cpuBefore = process.cpuUsage();
    this.#trace.record('options', 0, this.#seed, 0, () => JSON.stringify(options));
    this.#cluster.found();
    const ended = this.#clients.map((client) =>
      client.run().catch((error: unknown) => this.#watch.violate('clients', String(error))),
    );
    const mounts = this.#mounts?.run();
    if (mounts !== undefined) {
      ended.push(mounts.catch((error: unknown) => this.#watch.violate('clients', String(error))));
    }
    this.#nemesis.plan(this.#schedule);
    await this.#pass(options.faultMs);
    await this.#recover();
    await this.#wind(Promise.all(ended));
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      seed: this.#seed,
      options,
      schedule: this.#schedule,
      violation: this.#watch.violation,
      coverage: this.#coverage,
      traceHash: this.#trace.hash,
      virtualMs: this.#time.nowMs,
      events: this.#time.events,
      committed: this.#world.committed.length,
      cpuMs: (user + system) / 1000,
    };
  }

  /** Lets time pass, until something is wrong or `done`. */
  async #pass(durationMs: number, done: () => boolean = () => false): Promise<void> {
    if (this.#watch.violation !== undefined || durationMs <= 0) return;
    await this.#time.run(
      this.#time.nowMs + durationMs,
      () => this.#watch.violation !== undefined || done(),
    );
  }

  /** All faults end; the cluster has to serve every client again, and its members to agree. */
  async #recover(): Promise<void> {
    if (this.#watch.violation !== undefined) return;
    this.#nemesis.heal();
    this.#mounts?.heal();
    for (const client of this.#clients) client.expectAnswers();
    const unservedNow = () => [...unserved(this.#clients), ...(this.#mounts?.unserved ?? [])];
    const done = () => unservedNow().length === 0 || !canServe(this.#cluster);
    await this.#pass(LIVENESS_MS, done);
    // Nobody goes on before people have decided.
    if (!canServe(this.#cluster)) return this.#stopClients();
    const waiting = unservedNow().map((client) => client.node);
    if (waiting.length > 0) this.#notLive(`clients ${waiting} are not served`);
    await this.#pass(this.#options.runMs - this.#time.nowMs);
    if (this.#goesWrong) await this.#pass(NOTICED_MS);
    this.#stopClients();
    await this.#pass(this.#options.requestTimeoutMs * 2);
    await this.#settle();
    await this.#pass(LIVENESS_MS, () => converged(this.#cluster) || !canServe(this.#cluster));
    if (!canServe(this.#cluster)) return;
    if (!converged(this.#cluster)) this.#notLive('the members do not agree');
    // Where too few held a state to decide which one is right, it shows once all hold one.
    await this.#pass(this.#goesWrong ? NOTICED_MS : 0, () => whoDiffers(this.#world) === undefined);
    // Another election may add an entry meanwhile.
    const cut = () => converged(this.#cluster) && whoseLogIsTooLong(this.#world) === undefined;
    await this.#pass(LIVENESS_MS, cut);
    if (this.#watch.violation === undefined) this.#watch.hooks.finished();
  }

  /** Tree and storage come to agree, and nothing is left under way. */
  async #settle(): Promise<void> {
    const mounts = this.#mounts;
    // What an older copy has lost, or a wrong machine done, is nothing to compare with.
    if (mounts === undefined || this.#watch.violation !== undefined || !this.#isOrdinary) return;
    const intentsLeft = () =>
      Math.max(...this.#cluster.participants().map((id) => this.#cluster.member(id).intentsLeft));
    let isSettled = false;
    const settled = mounts.settle(intentsLeft).then(() => {
      isSettled = true;
    });
    settled.catch((error: unknown) => this.#watch.violate('clients', String(error)));
    await this.#pass(LIVENESS_MS, () => isSettled || !canServe(this.#cluster));
    if (isSettled || !canServe(this.#cluster)) return;
    this.#notLive(`the mount does not settle, ${intentsLeft()} intents are left`);
  }

  #stopClients(): void {
    this.#mounts?.stop();
    for (const id of this.#cluster.ids) this.#cluster.member(id).cutNoMore();
    for (const client of this.#clients) client.stop();
  }

  #notLive(what: string): void {
    this.#watch.violate(
      LIVENESS_AFTER_HEALING,
      `${what} ${LIVENESS_MS} ms after all faults ended: ${describeCluster(this.#cluster)}`,
    );
  }

  /** Everybody stops in good order, and has to come to an end. */
  async #wind(clientsEnded: Promise<unknown>): Promise<void> {
    let left = 1;
    void clientsEnded.then(() => left--);
    for (const id of this.#cluster.ids) {
      if (!this.#cluster.runs(id)) continue;
      left++;
      this.#cluster.stop(id, false, () => left--);
    }
    await this.#pass(LIVENESS_MS, () => left === 0);
    if (left > 0) this.#watch.violate(LIVENESS_AFTER_HEALING, `${left} members or clients go on`);
  }
}
