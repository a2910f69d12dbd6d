import type { RpcHandler, RpcNetwork } from '@raft-ts/net';
import {
  type DurableStateMachine,
  type ServiceOptions,
  StateMachineService,
} from '@raft-ts/statemachine';
import type { StorageDriver } from 'inode-app/storages';
import type { Applier, Entry, MemberId, Replica } from 'raft-ts';
import type { Coverage } from '../coverage.js';
import type { SimulationOptions } from '../options.js';
import type { Random } from '../random.js';
import {
  exchangeOfRows,
  openMemoryList,
  type StateExchange,
  type StateExchangeParts,
} from './handed-out.js';
import { type EffectWatcher, ListMachine } from './list-machine.js';
import { ListService } from './list-service.js';
import { mountsOf } from './mounted-tree.js';
import { TreeMachine } from './tree-machine.js';

/** What serves a state. */
interface Service {
  readonly exchange: StateExchange;
  readonly applier: Applier;
  readonly handler: RpcHandler;
  serve(replica: Replica): void;
  /** Changes in mounts that are not over. */
  intentsLeft?(): number;
  close(): Promise<void>;
}

export interface ApplicationParts extends Omit<StateExchangeParts, 'install' | 'pageMs'> {
  readonly options: SimulationOptions;
  readonly coverage: Coverage;
  readonly random: Random;
  /** Of what is mounted, if anything is. */
  readonly driver: StorageDriver | undefined;
  /** Over which members ask each other. */
  readonly network: Pick<RpcNetwork, 'connect'>;
  readonly addresses: ReadonlyMap<MemberId, string>;
  /** Told of each entry before it is applied. */
  readonly onEntry: (entry: Entry) => void;
  readonly onEffect: EffectWatcher;
  /** Calls `install`, by which another state takes the place of this one. */
  readonly onInstall: (install: () => Promise<void>) => Promise<void>;
  /** Another state lies where this one did. */
  readonly onReplaced: () => void;
}

/** What a member serves in one of its lives: the state machine's side of it. */
export class Application implements Applier {
  readonly appliedIndex: number;
  readonly appliedTerm: number | undefined;
  readonly #parts: ApplicationParts;
  readonly #service: Service;

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

  get exchange(): StateExchange {
    return this.#service.exchange;
  }

  get intentsLeft(): number {
    return this.#service.intentsLeft?.() ?? 0;
  }

  async installed(index: number): Promise<void> {
    await this.#service.applier.installed?.(index);
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
    case 'memory':
      return memory(parts);
    default:
      return framework(
        parts,
        new ListMachine(parts.store, flushOf(parts), parts.onEffect),
        exchange(parts, (replace) => replace()),
      );
  }
}

/** `install` is what an installation needs of the application beside `replace`. */
function exchange(parts: ApplicationParts, install: StateExchangeParts['install']): StateExchange {
  return exchangeOfRows(exchangeParts(parts, install));
}

function exchangeParts(
  parts: ApplicationParts,
  install: StateExchangeParts['install'],
): StateExchangeParts {
  const { options, onInstall, onReplaced } = parts;
  return {
    ...parts,
    pageMs: options.snapshots.pageMs,
    install: (replace) =>
      onInstall(() =>
        install(async () => {
          await replace();
          onReplaced();
        }),
      ),
  };
}

function direct(parts: ApplicationParts): Service {
  const { store, process, coverage, onEffect } = parts;
  const service = new ListService(store, coverage, process.clock.monotonicMs, onEffect);
  return {
    applier: service,
    handler: service.handle,
    serve: (replica) => {
      service.replica = replica;
    },
    exchange: exchange(parts, async (replace) => {
      service.close();
      await replace();
    }),
    close: async () => service.close(),
  };
}

async function namespace(parts: ApplicationParts): Promise<Service> {
  const { options, store, onEffect } = parts;
  const machine = await TreeMachine.open(store, options.maxCacheEntries, flushOf(parts), onEffect);
  const exchanged = exchange(parts, (replace) => machine.reopen(replace));
  const mounted = mountsOf(parts, machine);
  if (mounted === undefined) return await framework(parts, machine, exchanged);
  const { outside, mounts, serve } = mounted;
  const { service, ...served } = await frameworkWith(parts, machine, exchanged, { outside });
  serve(service);
  return {
    ...served,
    intentsLeft: () => machine.mounted.mounts.intents.size,
    close: async () => {
      await served.close();
      await mounts.close();
    },
  };
}

async function memory(parts: ApplicationParts): Promise<Service> {
  const { machine, ...exchanged } = await openMemoryList(
    exchangeParts(parts, (replace) => replace()),
    parts.onEffect,
  );
  return framework(parts, machine, exchanged);
}

/** Takes its time, and is no more if the process ends meanwhile. */
function flushOf({ store, process, options }: ApplicationParts): () => Promise<number> {
  return () => store.flushed(process.clock, options.writeMs);
}

async function framework<Command, Query>(
  parts: ApplicationParts,
  machine: DurableStateMachine<Command, Query>,
  exchanged: StateExchange,
): Promise<Service> {
  const { service: _, ...served } = await frameworkWith(parts, machine, exchanged, {});
  return served;
}

async function frameworkWith<Command, Query>(
  parts: ApplicationParts,
  machine: DurableStateMachine<Command, Query>,
  exchanged: StateExchange,
  more: Pick<ServiceOptions<Command, Query>, 'outside'>,
): Promise<Service & { readonly service: StateMachineService<Command, Query> }> {
  const { options, process, addresses, network, random } = parts;
  const service = await StateMachineService.open({
    machine,
    clientAddresses: addresses,
    network,
    clock: process.clock,
    random: random.fork('service').next,
    compaction: options.compaction,
    ...options.service,
    ...more,
  });
  return {
    service,
    applier: service,
    handler: service.handler,
    serve: (replica) => service.serve(replica),
    exchange: exchanged,
    close: () => service.close(),
  };
}
