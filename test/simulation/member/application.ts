import type { RpcHandler, RpcNetwork } from '@raft-ts/net';
import { type DurableStateMachine, StateMachineService } from '@raft-ts/statemachine';
import type { Applier, Entry, MemberId, Replica } from 'raft-ts';
import type { Coverage } from '../coverage.js';
import type { SimulationOptions } from '../options.js';
import type { VirtualProcess } from '../process.js';
import { type EffectWatcher, ListMachine } from './list-machine.js';
import { ListService } from './list-service.js';
import type { ListCopy, ListStore } from './list-store.js';
import { TreeMachine } from './tree-machine.js';

/** What serves a state: it has to be opened anew when another state takes its place. */
interface Service {
  readonly applier: Applier;
  readonly handler: RpcHandler;
  serve(replica: Replica): void;
  close(): Promise<void>;
}

export interface ApplicationParts {
  readonly options: SimulationOptions;
  readonly store: ListStore;
  readonly process: VirtualProcess;
  readonly coverage: Coverage;
  /** Over which members ask each other. */
  readonly network: Pick<RpcNetwork, 'connect'>;
  readonly addresses: ReadonlyMap<MemberId, string>;
  /** Told of each entry before it is applied. */
  readonly onEntry: (entry: Entry) => void;
  readonly onEffect: EffectWatcher;
}

/** What a member serves in one of its lives: the state machine's side of it. */
export class Application implements Applier {
  readonly appliedIndex: number;
  readonly appliedTerm: number | undefined;
  readonly #parts: ApplicationParts;
  #service: Service;
  #replica: Replica | undefined;

  private constructor(parts: ApplicationParts, service: Service) {
    this.#parts = parts;
    this.#service = service;
    this.appliedIndex = service.applier.appliedIndex;
    this.appliedTerm = service.applier.appliedTerm;
  }

  /** The replicated list: straight on the replica, through the framework, or beside the namespace. */
  static async open(parts: ApplicationParts): Promise<Application> {
    return new Application(parts, await openService(parts));
  }

  serve(replica: Replica): void {
    this.#replica = replica;
    this.#service.serve(replica);
  }

  readonly handler: RpcHandler = (...request) => this.#service.handler(...request);

  appended(entries: readonly Entry[]): void {
    this.#service.applier.appended(entries);
  }

  apply(entries: readonly Entry[]): Promise<void> | undefined {
    for (const entry of entries) this.#parts.onEntry(entry);
    return this.#service.applier.apply(entries);
  }

  /** Another state takes the place of the one that is served. Nothing is applied meanwhile. */
  async install(state: ListCopy): Promise<void> {
    await this.#service.close();
    this.#parts.store.replace(state);
    this.#service = await openService(this.#parts);
    if (this.#replica !== undefined) this.#service.serve(this.#replica);
  }

  close(): Promise<void> {
    return this.#service.close();
  }
}

async function openService(parts: ApplicationParts): Promise<Service> {
  switch (parts.options.application) {
    case 'direct':
      return direct(parts);
    case 'namespace':
      return namespace(parts);
    default:
      return framework(parts, new ListMachine(parts.store, flushOf(parts), parts.onEffect));
  }
}

function direct({ store, process, coverage, onEffect }: ApplicationParts): Service {
  const service = new ListService(store, coverage, process.clock.monotonicMs, onEffect);
  return {
    applier: service,
    handler: service.handle,
    serve: (replica) => {
      service.replica = replica;
    },
    close: async () => service.close(),
  };
}

async function namespace(parts: ApplicationParts): Promise<Service> {
  const { options, store, onEffect } = parts;
  return framework(
    parts,
    await TreeMachine.open(store, options.maxCacheEntries, flushOf(parts), onEffect),
  );
}

/** Takes its time, and is no more if the process ends meanwhile. */
function flushOf({ store, process, options }: ApplicationParts): () => Promise<number> {
  return () => store.flushed(process.clock, options.writeMs);
}

async function framework<Command, Query>(
  parts: ApplicationParts,
  machine: DurableStateMachine<Command, Query>,
): Promise<Service> {
  const { options, process, addresses, network } = parts;
  const service = await StateMachineService.open({
    machine,
    clientAddresses: addresses,
    network,
    clock: process.clock,
    compaction: options.compaction,
    ...options.service,
  });
  return {
    applier: service,
    handler: service.handler,
    serve: (replica) => service.serve(replica),
    close: () => service.close(),
  };
}
