import type { Clock } from '@raft-ts/net';
import type { OutsideWork, StateMachineService } from '@raft-ts/statemachine';
import { Mounts } from 'inode-app/mounts';
import type { StorageDriver } from 'inode-app/storages';
import type { NamespaceCommand } from 'inode-app/store';
import type { SimulationOptions } from '../options.js';
import type { Random } from '../random.js';
import type { TreeCommand, TreeMachine, TreeQuery } from './tree-machine.js';

/** What is mounted in a tree, put together as a master does. */
export interface MountedParts {
  readonly mounts: Mounts;
  readonly outside: OutsideWork<TreeCommand, TreeQuery>;
  serve(service: StateMachineService<TreeCommand, TreeQuery>): void;
}

/** What mounts on one member need of the simulation. */
export interface MountsParts {
  readonly options: SimulationOptions;
  readonly driver: StorageDriver | undefined;
  readonly process: { readonly clock: Clock };
  readonly random: Random;
}

/** Undefined where nothing is mounted. */
export function mountsOf(
  { options, driver, process, random }: MountsParts,
  machine: TreeMachine,
): MountedParts | undefined {
  if (options.mounts === undefined || driver === undefined) return undefined;
  const mounts = new Mounts({
    tree: () => machine.mounted,
    drivers: [driver],
    credentials: async () => undefined,
    clock: process.clock,
    random: random.fork('mounts').next,
    access: options.mounts.access,
  });
  return {
    mounts,
    outside: outsideOf(mounts),
    serve: (service) => {
      mounts.serve({
        command: (value, limits) => service.command(['', value], limits),
        query: (value, limits) => service.query(value, limits),
      });
    },
  };
}

/** Commands with a value are about what is not mounted. */
function outsideOf(mounts: Mounts): OutsideWork<TreeCommand, TreeQuery> {
  const isMounted = ({ value }: TreeCommand) => value === '';
  const operationsOf = ({ operations }: TreeCommand): NamespaceCommand => operations;
  return {
    leads: (term) => mounts.leads(term),
    prepare: (command, until) =>
      isMounted(command) ? mounts.prepare(operationsOf(command), until) : undefined,
    settle: (command, result, until) =>
      isMounted(command) ? mounts.settle(operationsOf(command), result, until) : undefined,
    ready: (query, until) => (query === null ? undefined : mounts.ready(query, until)),
  };
}
