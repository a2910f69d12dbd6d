import { type DurableStateMachine, StateMachineService } from '@raft-ts/statemachine';
import type { Applier, Entry, MemberId, Replica, RpcHandler } from 'raft-ts';
import { type EffectWatcher, ListMachine } from './list-machine.js';
import { ListService } from './list-service.js';
import type { ListStore } from './list-store.js';
import type { SimulationOptions } from './options.js';
import type { VirtualProcess } from './process.js';
import { TreeMachine } from './tree-machine.js';

/** What a member serves: the state machine's side of one of its lives. */
export interface Application {
  readonly applier: Applier;
  readonly handler: RpcHandler;
  serve(replica: Replica): void;
  close(): Promise<void>;
}

export interface ApplicationParts {
  readonly options: SimulationOptions;
  readonly store: ListStore;
  readonly process: VirtualProcess;
  readonly addresses: ReadonlyMap<MemberId, string>;
  /** Told of each entry before it is applied. */
  readonly onEntry: (entry: Entry) => void;
  readonly onEffect: EffectWatcher;
}

/** The replicated list: straight on the replica, through the framework, or beside the namespace. */
export async function openApplication(parts: ApplicationParts): Promise<Application> {
  return parts.options.application === 'direct' ? direct(parts) : framework(parts);
}

function direct({ store, onEntry, onEffect }: ApplicationParts): Application {
  const service = new ListService(store, onEffect);
  return {
    applier: watched(service, onEntry),
    handler: service.handle,
    serve: (replica) => {
      service.replica = replica;
    },
    close: async () => {},
  };
}

async function framework(parts: ApplicationParts): Promise<Application> {
  const { options, process, addresses, onEntry } = parts;
  const service = await StateMachineService.open<unknown, unknown>({
    machine: await openMachine(parts),
    clientAddresses: addresses,
    clock: process.clock,
    ...options.service,
  });
  return {
    applier: watched(service, onEntry),
    handler: service.handler,
    serve: (replica) => service.serve(replica),
    close: () => service.close(),
  };
}

async function openMachine(
  parts: ApplicationParts,
): Promise<DurableStateMachine<unknown, unknown>> {
  const { options, store, onEffect } = parts;
  const machine =
    options.application === 'namespace'
      ? await TreeMachine.open(store, options.maxCacheEntries, onEffect)
      : new ListMachine(store, onEffect);
  return machine as DurableStateMachine<unknown, unknown>;
}

function watched(applier: Applier, onEntry: (entry: Entry) => void): Applier {
  return {
    appliedIndex: applier.appliedIndex,
    appended: (entries) => applier.appended(entries),
    apply: (entries) => {
      for (const entry of entries) onEntry(entry);
      return applier.apply(entries);
    },
  };
}
