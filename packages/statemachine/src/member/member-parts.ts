import { type Clock, observe, Parts, TcpRpcNetwork, waitingClock } from '@raft-ts/net';
import { type Endpoints, type LogStore, Replica, TcpTransport } from 'raft-ts';
import { RocksLogStore } from 'raft-ts/rocksdb';
import { ReplicatedClient } from '../client/client.js';
import { announceEndpoints } from '../member-announcement.js';
import { StateMachineService } from '../service/service.js';
import { MemberSnapshots } from '../snapshots/member-snapshots.js';
import type { MemberEvent } from './member-event.js';
import type { MemberOptions } from './member-options.js';
import { type OpenedState, openState } from './open-state.js';

/** A member that takes part. */
export interface OpenedParts<Command, Query> {
  readonly replica: Replica;
  readonly service: StateMachineService<Command, Query>;
  readonly snapshots: MemberSnapshots;
}

/** Opens what a member consists of, in order, and closes it in the opposite one. */
export class MemberParts<Command, Query> {
  readonly #options: MemberOptions<Command, Query>;
  readonly #clock: Clock;
  readonly #network: TcpRpcNetwork;
  readonly #parts = new Parts();
  #replica: Replica | undefined;
  #service: StateMachineService<Command, Query> | undefined;

  constructor(options: MemberOptions<Command, Query>) {
    this.#options = options;
    this.#clock = options.clock ?? waitingClock;
    this.#network = new TcpRpcNetwork({
      ...options.clients,
      name: `member ${options.id} of ${options.clusterId}`,
      onEvent: (event) => this.#tell({ part: 'clients', event }),
    });
  }

  /** Rejects as `Member.open`; nothing is open then. */
  async open(): Promise<OpenedParts<Command, Query>> {
    try {
      // The log comes first: it knows whose directory this is, and keeps other processes out of it.
      const log = this.#parts.add(this.#options.log ?? (await this.#openLog()));
      const state = await this.#openState();
      const service = await this.#openService(state);
      const snapshots = await this.#openSnapshots(state);
      await this.#listenForClients(service);
      const replica = await this.#takePart(log, service, snapshots);
      this.#announce(replica);
      return { replica, service, snapshots };
    } catch (error) {
      await this.#parts.close().catch(() => {});
      throw error;
    }
  }

  /** Resolves when `replica` has stopped and all is closed: with what stopped it, if anything did. */
  async closedAfter(replica: Replica): Promise<Error | undefined> {
    const cause = await replica.stopped;
    try {
      await this.#parts.close();
    } catch (error) {
      // What stopped it says more than that something could not be closed then.
      return cause ?? (error instanceof Error ? error : new Error(String(error), { cause: error }));
    }
    return cause;
  }

  #tell(event: MemberEvent): void {
    observe(this.#options.onEvent, event);
  }

  #openLog(): Promise<LogStore> {
    const { id, clusterId, directory, signal } = this.#options;
    return RocksLogStore.open({
      directory,
      clusterId,
      memberId: id,
      onDamage: 'replace',
      onReplaced: (reason) => this.#tell({ part: 'log', event: { type: 'replaced', reason } }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #openState(): Promise<OpenedState<Command, Query>> {
    this.#options.signal?.throwIfAborted();
    const state = await openState(this.#options, {
      baseAt: (index) => this.#replica?.baseAt(index),
      whileNothingIsApplied: (work) => this.#service?.whileNothingIsApplied(work) ?? work(),
    });
    // Once there is a service, it closes its machine.
    this.#parts.add({ close: () => (this.#service ?? state.machine).close() });
    return state;
  }

  async #openService({
    machine,
  }: OpenedState<Command, Query>): Promise<StateMachineService<Command, Query>> {
    const { compaction, sessions, limits, outside, clock } = this.#options;
    this.#service = await StateMachineService.open({
      ...limits,
      machine,
      clientAddresses: this.#founders('client'),
      network: this.#network,
      ...(compaction === undefined ? {} : { compaction }),
      ...(sessions === undefined ? {} : { sessions }),
      ...(outside === undefined ? {} : { outside }),
      ...(clock === undefined ? {} : { clock }),
    });
    return this.#service;
  }

  async #openSnapshots(state: OpenedState<Command, Query>): Promise<MemberSnapshots> {
    this.#options.signal?.throwIfAborted();
    const { id, clusterId, application, listen, snapshots } = this.#options;
    const { directory, keeper, supply, receiver } = state;
    let opened: MemberSnapshots | undefined;
    // Once there are any, they close their receiver.
    this.#parts.add({ close: async () => await (opened ?? receiver)[Symbol.asyncDispose]() });
    opened = await MemberSnapshots.open({
      ...snapshots,
      id,
      clusterId,
      application,
      directory,
      ...(keeper === undefined ? {} : { keeper }),
      address: listen.http,
      supply,
      receiver,
      onEvent: (event) => this.#tell({ part: 'snapshots', event }),
    });
    return opened;
  }

  async #listenForClients({ handler }: StateMachineService<Command, Query>): Promise<void> {
    this.#parts.add(await this.#network.listen(this.#options.listen.client, handler));
  }

  async #takePart(
    log: LogStore,
    service: StateMachineService<Command, Query>,
    snapshots: MemberSnapshots,
  ): Promise<Replica> {
    this.#options.signal?.throwIfAborted();
    const { id, clusterId, listen, founders = {}, raft, tickMs, leaseReads, clock } = this.#options;
    const { http } = this.#options.advertise ?? listen;
    const replica = await Replica.start({
      id,
      clusterId,
      initialVoters: Object.keys(founders).map(Number),
      initialEndpoints: founders,
      log,
      transport: new TcpTransport({
        id,
        clusterId,
        address: listen.member,
        peers: this.#founders('member'),
        onEvent: (event) => this.#tell({ part: 'members', event }),
      }),
      applier: service,
      snapshots,
      ...(http === undefined ? {} : { snapshotAddress: http }),
      ...(raft === undefined ? {} : { raft }),
      ...(tickMs === undefined ? {} : { tickMs }),
      ...(leaseReads === undefined ? {} : { leaseReads }),
      ...(clock === undefined ? {} : { clock }),
      onEvent: (event) => this.#tell({ part: 'replica', event }),
    });
    this.#replica = replica;
    this.#parts.add({ close: () => replica.stop() });
    snapshots.serve(replica);
    service.serve(replica, snapshots);
    return replica;
  }

  #founders(endpoint: 'member' | 'client'): ReadonlyMap<number, string> {
    const { founders = {} } = this.#options;
    return addressesIn(founders, endpoint);
  }

  /** Tells the cluster where this member is reached, if it was elsewhere before. */
  #announce(replica: Replica): void {
    const ending = new AbortController();
    const announcing = this.#announceUntil(replica, ending.signal);
    this.#parts.add({
      close: async () => {
        ending.abort();
        await announcing;
      },
    });
  }

  async #announceUntil({ membership }: Replica, signal: AbortSignal): Promise<void> {
    const { id, clusterId, listen, advertise: endpoints = listen } = this.#options;
    const known = [this.#founders('client'), addressesIn(membership.endpoints, 'client')];
    const addresses = known.flatMap((one) => [...one.values()]);
    await using client = new ReplicatedClient({
      addresses: [...new Set([...addresses, endpoints.client])],
      network: this.#network,
      clock: this.#clock,
    });
    await announceEndpoints({
      id,
      clusterId,
      endpoints,
      client,
      clock: this.#clock,
      onForeignCluster: (foreign) =>
        this.#tell({ part: 'membership', event: { type: 'foreign-cluster', clusterId: foreign } }),
      signal,
    });
  }
}

/** One of the endpoints of each who has it. */
function addressesIn(
  endpoints: Readonly<Record<number, Endpoints>>,
  which: 'member' | 'client',
): ReadonlyMap<number, string> {
  const known = Object.entries(endpoints).map(([id, one]) => [Number(id), one[which]] as const);
  return new Map(known.flatMap(([id, at]) => (at === undefined ? [] : [[id, at] as const])));
}
