import { type MemberId, type Message, Replica, type ReplicaStatus, type RpcServer } from 'raft-ts';
import { addressOf } from './addresses.js';
import { type Application, openApplication } from './application.js';
import type { Coverage } from './coverage.js';
import { VirtualDisk } from './disk.js';
import { ListStore } from './list-store.js';
import { MachineClock } from './machine-clock.js';
import type { VirtualNetwork } from './network.js';
import type { SimulationOptions } from './options.js';
import { VirtualProcess } from './process.js';
import type { Random } from './random.js';
import { type RpcExchange, VirtualRpcNetwork } from './rpc.js';
import type { VirtualTime } from './time.js';
import type { Trace } from './trace.js';
import { MessageExchange, VirtualTransport } from './transport.js';
import type { Watch } from './watch.js';

/** One life of a member, from a start to a crash or stop. */
interface Life {
  readonly process: VirtualProcess;
  replica: Replica | undefined;
  server: RpcServer | undefined;
  application: Application | undefined;
  status: ReplicaStatus | undefined;
  stopping: boolean;
}

interface Member {
  readonly id: MemberId;
  readonly disk: VirtualDisk;
  readonly store: ListStore;
  readonly clock: MachineClock;
  lives: number;
  life: Life | undefined;
}

export interface ClusterParts {
  readonly options: SimulationOptions;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly network: VirtualNetwork;
  readonly rpc: RpcExchange;
  readonly coverage: Coverage;
  readonly trace: Trace;
  /** Asked for once the cluster stands: the properties look at it. */
  readonly watch: () => Watch;
}

/** The members, their disks, and what can be done to them. */
export class Cluster {
  readonly #parts: ClusterParts;
  readonly #messages: MessageExchange;
  readonly #members = new Map<MemberId, Member>();
  /** How far a crash sets state machines back. */
  readonly #crashes: Random;
  /** Called with whoever has just won an election. */
  readonly #electionWatchers = new Set<(member: MemberId) => void>();

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    const { options, time, random, network, trace } = parts;
    this.#crashes = random.fork('crashes');
    this.#messages = new MessageExchange({
      network,
      time,
      random: random.fork('reconnect'),
      onSend: (message) => parts.watch().hooks.sent(message),
      onReceive: (message) =>
        trace.record('received', message.to, message.from, message.term, () =>
          describeMessage(message),
        ),
    });
    for (const id of options.members) {
      const disk = new VirtualDisk(time, random.fork(`disk ${id}`), options.writeMs, {
        handedOver: (write, replaced) => parts.watch().hooks.handedOver(id, write, replaced),
        durable: (write, replaced) => {
          trace.record('durable', id, write.entries.at(-1)?.index ?? 0, replaced.length, () =>
            JSON.stringify({
              ...write.hardState,
              entries: write.entries.map(({ index, term }) => `${index}/${term}`),
              replaced: replaced.length,
            }),
          );
          parts.watch().hooks.durable(id, write, replaced);
        },
        read: () => parts.coverage.count('entries read from disk'),
      });
      const clock = new MachineClock(time, random.between(-60_000, 60_000));
      const store = new ListStore();
      this.#members.set(id, { id, disk, store, clock, lives: 0, life: undefined });
    }
  }

  get ids(): readonly MemberId[] {
    return this.#parts.options.members;
  }

  #member(id: MemberId): Member {
    const member = this.#members.get(id);
    if (member === undefined) throw new RangeError(`there is no member ${id}`);
    return member;
  }

  disk(id: MemberId): VirtualDisk {
    return this.#member(id).disk;
  }

  clock(id: MemberId): MachineClock {
    return this.#member(id).clock;
  }

  /** Calls `watcher` with whoever has just won an election; returns what ends that. */
  onElected(watcher: (member: MemberId) => void): () => void {
    this.#electionWatchers.add(watcher);
    return () => this.#electionWatchers.delete(watcher);
  }

  store(id: MemberId): ListStore {
    return this.#member(id).store;
  }

  status(id: MemberId): ReplicaStatus | undefined {
    return this.#member(id).life?.status;
  }

  runs(id: MemberId): boolean {
    return this.#member(id).life !== undefined;
  }

  /** The leader of the highest term, if any. */
  leader(): MemberId | undefined {
    const leaders = this.ids.filter((id) => this.status(id)?.role === 'leader');
    return leaders.sort((a, b) => (this.status(b)?.term ?? 0) - (this.status(a)?.term ?? 0))[0];
  }

  start(id: MemberId): void {
    const member = this.#member(id);
    if (member.life !== undefined) return;
    const { time, network, coverage, trace, watch, options, random } = this.#parts;
    const process = new VirtualProcess(`member ${id}`, time, member.clock);
    const life: Life = {
      process,
      replica: undefined,
      server: undefined,
      application: undefined,
      status: undefined,
      stopping: false,
    };
    member.life = life;
    if (member.lives++ > 0) coverage.count('member restarted');
    trace.record('started', id, member.disk.entries.length, member.store.appliedIndex);
    network.attach(id, process);
    watch().hooks.started(id);
    void this.#run(member, life).catch((error: unknown) => watch().failed(id, error));
    const stream = random.fork(`flush ${id} ${member.lives}`);
    const flushLater = () => {
      process.clock.after(stream.exponential(options.flushMs), () => {
        member.store.flush();
        flushLater();
      });
    };
    flushLater();
  }

  async #run(member: Member, life: Life): Promise<void> {
    const { id, disk, store } = member;
    const { options, random, rpc, watch, trace } = this.#parts;
    const { process } = life;
    const application = await openApplication({
      options,
      store,
      process,
      addresses: new Map(this.ids.map((other) => [other, addressOf(other)])),
      onEntry: (entry) => {
        trace.record('apply', id, entry.index, entry.term, () => `${entry.index}/${entry.term}`);
        watch().hooks.applied(id, entry);
      },
      onEffect: (index, value) => watch().hooks.tookEffect(id, index, value, store),
    });
    life.application = application;
    const replica = await Replica.start({
      id,
      clusterId: 'simulation',
      voters: this.ids,
      log: disk.open(process),
      transport: new VirtualTransport(id, process, this.#messages),
      applier: application.applier,
      tickMs: options.tickMs,
      raft: options.raft,
      clock: {
        ...process.clock,
        // Looked at when it has handed out all that follows from its input, never in between: the
        // application's own work may come first.
        afterInput: (callback) =>
          process.clock.afterInput(() => {
            callback();
            this.#turned(member, life);
          }),
      },
      random: random.fork(`replica ${id} ${member.lives}`).next,
    });
    life.replica = replica;
    void replica.stopped.then((error) => {
      if (error !== undefined) watch().failed(id, error);
    });
    application.serve(replica);
    const network = new VirtualRpcNetwork(id, process, rpc);
    life.server = await network.listen(addressOf(id), application.handler);
  }

  #turned(member: Member, life: Life): void {
    const now = life.replica?.status();
    if (now === undefined || life.stopping) return;
    const before = life.status;
    life.status = now;
    this.#parts.watch().hooks.turned(member.id, now, before);
    if (before?.role === now.role && before.term === now.term) return;
    this.#parts.trace.record(
      now.role,
      member.id,
      now.term,
      now.commit,
      () => `term ${now.term}, log ${now.lastIndex}, commit ${now.commit}`,
    );
    if (now.role === 'leader') this.#elected(member.id);
    else if (before?.role === 'leader' && before.term === now.term) {
      this.#parts.coverage.count('leader stepped down in its term');
    }
  }

  #elected(id: MemberId): void {
    const { coverage } = this.#parts;
    coverage.count('leader elected');
    if (this.ids.some((other) => other !== id && this.status(other)?.role === 'leader')) {
      coverage.count('two leaders of different terms');
    }
    for (const watcher of this.#electionWatchers) watcher(id);
  }

  /** Members lose power in one moment. */
  crash(ids: readonly MemberId[]): void {
    const { coverage, trace, network, rpc } = this.#parts;
    const running = [...new Set(ids)].filter((id) => this.runs(id));
    if (running.length > 1) coverage.count('members crashed together');
    if (running.length > 0 && this.ids.every((id) => running.includes(id) || !this.runs(id))) {
      coverage.count('all members crashed');
    }
    for (const id of running) {
      const member = this.#member(id);
      coverage.count('member crashed');
      if (member.life?.status?.role === 'leader') coverage.count('leader crashed');
      member.life?.process.end();
      member.life = undefined;
      this.#messages.listen(id, undefined);
      rpc.lost(id);
      network.lost(id);
      const { underWay, kept } = member.disk.crash();
      if (kept > 0) coverage.count('write kept that was not acknowledged', kept);
      if (kept < underWay) coverage.count('writes lost in a crash');
      if (kept > 0 && kept < underWay) coverage.count('group of writes cut by a crash');
      if (member.store.crash(this.#crashes)) coverage.count('state machine set back by a crash');
      trace.record(
        'crashed',
        id,
        member.disk.entries.length,
        member.store.appliedIndex,
        () =>
          `${kept} of ${underWay} writes under way survived; log ${member.disk.entries.length}, ` +
          `state ${member.store.appliedIndex}`,
      );
    }
  }

  /** Stops a member in good order; `stopped` is called once it has. */
  stop(id: MemberId, stopped: () => void): void {
    const member = this.#member(id);
    const { life } = member;
    if (life?.replica === undefined || life.stopping || life.process.paused) return;
    life.stopping = true;
    this.#parts.trace.record('stopping', id, 0, 0);
    const { replica, server, application } = life;
    void (async () => {
      await server?.close();
      await replica.stop();
      await application?.close();
      if (member.life !== life) return;
      member.store.flush();
      life.process.end();
      member.life = undefined;
      this.#parts.rpc.lost(id);
      this.#parts.network.lost(id);
      this.#parts.trace.record('stopped', id, 0, 0);
      stopped();
    })().catch((error: unknown) => this.#parts.watch().failed(id, error));
  }

  pause(id: MemberId): void {
    this.#member(id).life?.process.pause();
  }

  resume(id: MemberId): void {
    this.#member(id).life?.process.resume();
  }

  paused(id: MemberId): boolean {
    return this.#member(id).life?.process.paused === true;
  }
}

function describeMessage(message: Message): string {
  const { type, from, to: _, term, ...rest } = message;
  const short = 'entries' in rest ? { ...rest, entries: rest.entries.map((e) => e.term) } : rest;
  return `${type} from ${from} in term ${term} ${JSON.stringify(short)}`;
}
