import { setTimeout as pause } from 'node:timers/promises';
import { NamespaceClient } from 'inode-app';
import { RunningCluster } from '../integration/running-cluster.js';
import { Random } from '../simulation/random.js';
import { Bystander } from './bystander.js';
import { differences, settled, syncedAll, treeContents, unitFaults } from './comparison.js';
import { startFileStorage } from './file-storage.js';
import { startHdfs } from './hdfs-storage.js';
import { LoadClient } from './load.js';
import type { StorageName, TormentOptions } from './options.js';
import { Outcomes } from './outcomes.js';
import { Outsider } from './outsider.js';
import { startMoto, startVersitygw } from './s3-storages.js';
import { StorageAbsent, type TormentedStorage } from './tormented-storage.js';
import { Troubles } from './troubles.js';

/** Between two troubles, milliseconds, on average, and how long one of them takes of a run at most. */
const MEAN_PAUSE_MS = 2_000;
const LONGEST_SHARE = 0.2;
const CLIENT_MS = 30_000;
/** Calls that are acknowledged in each mount after one trouble and before the next. */
const CALLS_BETWEEN = 3;
const POLL_MS = 50;

const STARTS: { readonly [Name in StorageName]: () => Promise<TormentedStorage> } = {
  file: startFileStorage,
  versitygw: startVersitygw,
  moto: startMoto,
  hdfs: startHdfs,
};

export interface TormentReport {
  readonly seed: number;
  readonly minutes: number;
  readonly storages: readonly string[];
  readonly absent: readonly string[];
  readonly acknowledged: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly unknown: Readonly<Record<string, number>>;
  readonly troubles: Readonly<Record<string, number>>;
  readonly units: number;
  /** Of the storages at the end. */
  readonly entries: number;
  /** Changes from outside that the tree was asked about. */
  readonly outside: number;
  readonly settledMs: number;
  readonly bystander: {
    readonly calls: number;
    readonly inTrouble: number;
    readonly slow: number;
    readonly longestMs: number;
  };
  readonly faults: readonly string[];
}

interface Mounted {
  readonly path: string;
  readonly outcomes: Outcomes;
  readonly storage: TormentedStorage;
  readonly load: readonly LoadClient[];
  readonly outsider: Outsider;
}

/** Torments a cluster with its storages; `tell` takes a line after each trouble. */
export async function torment(
  options: TormentOptions,
  directory: string,
  tell: (line: string) => void,
): Promise<TormentReport> {
  await using started = await startStorages(options.storages);
  const { storages, absent } = started;
  for (const line of absent) tell(`${line}: not tried`);
  const environment = Object.assign({}, ...storages.map((storage) => storage.environment));
  await using cluster = await RunningCluster.start(directory, { environment: () => environment });
  const { addresses } = cluster;
  await using client = new NamespaceClient({ addresses, timeoutMs: CLIENT_MS });
  const random = new Random(options.seed);
  const mounts: Mounted[] = [];
  for (const storage of storages) {
    const path = `/${storage.name}`;
    await client.mount(path, storage.uri, { options: storage.options });
    const outcomes = new Outcomes();
    const fork = (name: string) => ({ random: random.fork(`${path} ${name}`), outcomes });
    mounts.push({
      path,
      outcomes,
      storage,
      load: Array.from({ length: options.clients }, (_, at) => {
        return new LoadClient(`${path}/client-${at}`, addresses, fork(`client ${at}`));
      }),
      outsider: new Outsider(storage, path, addresses, fork('outsider')),
    });
  }
  const bystander = new Bystander(addresses);
  const longestMs = options.minutes * 60_000 * LONGEST_SHARE;
  const wellAgain = async () => {
    await Promise.all(mounts.map(({ outcomes }) => getsOn(outcomes)));
  };
  const troubles = new Troubles({ cluster, storages, random, bystander, longestMs, wellAgain });
  const everybody = () => [
    ...mounts.flatMap(({ load, outsider }) => [...load, outsider]),
    bystander,
  ];
  const untilMs = performance.now() + options.minutes * 60_000;
  while (performance.now() < untilMs) {
    await Promise.race([pause(random.exponential(MEAN_PAUSE_MS)), ...brokenOf(everybody())]);
    const name = await Promise.race([troubles.next(), ...brokenOf(everybody())]);
    const counts = mounts.map(({ path, outcomes }) => {
      return `${path} ${outcomes.acknowledged} acknowledged, ${outcomes.faults.length} faults`;
    });
    tell(`${name}: ${counts.join('; ')}`);
  }
  await Promise.all(everybody().map((each) => each.end()));
  const fromMs = performance.now();
  const faults = [...mounts.flatMap(({ outcomes }) => outcomes.faults), ...(await settled(client))];
  const settledMs = Math.round(performance.now() - fromMs);
  let entries = 0;
  for (const { path, storage, load } of mounts) {
    await syncedAll(client, path);
    const [tree, contents] = [await treeContents(client, path), await storage.contents()];
    entries += contents.size;
    faults.push(...differences(path, tree, contents));
    const units = load.flatMap((each) => each.units);
    faults.push(...unitFaults(path, units, tree, contents));
  }
  faults.push(...bystander.errors.map((error) => `outside of the mounts: ${error}`));
  return {
    seed: options.seed,
    minutes: options.minutes,
    storages: storages.map(({ name }) => name),
    absent,
    acknowledged: mounts.reduce((sum, { outcomes }) => sum + outcomes.acknowledged, 0),
    refused: added(mounts.map(({ outcomes }) => outcomes.refused)),
    unknown: added(mounts.map(({ outcomes }) => outcomes.unknown)),
    troubles: Object.fromEntries([...troubles.counts].sort()),
    units: mounts.flatMap(({ load }) => load.flatMap((each) => each.units)).length,
    entries,
    outside: mounts.reduce((sum, { outsider }) => sum + outsider.seen, 0),
    settledMs,
    bystander: {
      calls: bystander.calls,
      inTrouble: bystander.callsInTrouble,
      slow: bystander.slowInTrouble,
      longestMs: bystander.longestInTroubleMs,
    },
    faults,
  };
}

/** Resolves after some more calls were acknowledged. */
async function getsOn(outcomes: Outcomes): Promise<void> {
  const wanted = outcomes.acknowledged + CALLS_BETWEEN;
  while (outcomes.acknowledged < wanted) await pause(POLL_MS);
}

function added(counts: readonly ReadonlyMap<string, number>[]): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const [code, count] of counts.flatMap((each) => [...each])) {
    sums.set(code, (sums.get(code) ?? 0) + count);
  }
  return Object.fromEntries([...sums].sort());
}

async function startStorages(names: readonly StorageName[]) {
  const storages: TormentedStorage[] = [];
  const absent: string[] = [];
  const end = async () => {
    for (const storage of storages) await storage[Symbol.asyncDispose]();
  };
  for (const name of names) {
    try {
      storages.push(await STARTS[name]());
    } catch (error) {
      if (error instanceof StorageAbsent) {
        absent.push(error.message);
        continue;
      }
      await end();
      throw error;
    }
  }
  return { storages, absent, [Symbol.asyncDispose]: end };
}

/** Rejects when one of them can't go on. */
function brokenOf(all: readonly { readonly ended: Promise<void> }[]): readonly Promise<never>[] {
  return all.map(({ ended }) =>
    ended.then(() => {
      throw new Error('a client ended by itself');
    }),
  );
}
