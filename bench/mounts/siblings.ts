import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NamespaceClient } from 'inode-app';
import { type MountBench, rounded } from './bench.js';
import { SLOW_NAME } from './slow-driver.js';

const CONNECTIONS = 10;
const WARM_UP_MS = 2_000;
const POLL_MS = 20;
/** Of one call: a thousand of them wait for each other on few processors. */
const TIMEOUT_MS = 120_000;
/** For how long the masters let a storage be silent: longer than it is held here. */
const OPTIONS = { requestTimeoutMs: '300000' };

/** Changes of a thousand clients, without and with a slow operation of the storage next to what they change. */
export async function siblings(bench: MountBench) {
  const { cluster, client, directory } = bench;
  const files = join(directory, 'slow');
  mkdirSync(join(files, 'shared'), { recursive: true });
  await client.mount('/slow', `slow://${files}`, { options: OPTIONS });
  await client.sync('/slow', { recursive: true });
  await client.mkdir('/unmounted');
  const sharing = Array.from(
    { length: CONNECTIONS },
    () => new NamespaceClient({ addresses: cluster.addresses, timeoutMs: TIMEOUT_MS }),
  );
  try {
    return await compareBoth(bench, sharing);
  } finally {
    await Promise.all(sharing.map((each) => each.close()));
  }
}

async function compareBoth(bench: MountBench, sharing: readonly NamespaceClient[]) {
  const figures = [];
  for (const path of ['/slow/shared', '/unmounted']) {
    const all = Array.from(
      { length: bench.clients },
      (_, n) => new Changer(sharing[n % CONNECTIONS] ?? bench.client, `${path}/c${n}`),
    );
    figures.push({ path, ...(await compare(bench, all)) });
  }
  console.table(figures);
  return figures;
}

async function compare({ cluster, client, seconds }: MountBench, all: readonly Changer[]) {
  const phase = async () => {
    let figures = { changes: 0, perSecond: 0, p50Ms: 0, p99Ms: 0 };
    const { commit } = await cluster.usage();
    const { processorMs } = await cluster.measure(async () => {
      figures = await changeFor(all, seconds);
    });
    const logEntries = (await cluster.usage()).commit - commit;
    const { changes } = figures;
    return {
      ...figures,
      processorMs: rounded(processorMs / changes),
      logEntries: rounded(logEntries / changes),
    };
  };
  const before = await phase();
  const slow = await SlowRename.begin(cluster, client);
  const meanwhile = await phase();
  const held = await slow.end();
  const after = await phase();
  const p99Ms = (before.p99Ms + after.p99Ms) / 2;
  return {
    clients: all.length,
    'per second before': before.perSecond,
    while: meanwhile.perSecond,
    after: after.perSecond,
    'p50 ms before': before.p50Ms,
    'p50 while': meanwhile.p50Ms,
    'p99 ms before': before.p99Ms,
    'p99 while': meanwhile.p99Ms,
    'p99 after': after.p99Ms,
    'ratio of p99': rounded(meanwhile.p99Ms / p99Ms),
    'leader processor ms each': before.processorMs,
    'log entries each': before.logEntries,
    'held ms': held.heldMs,
  };
}

/** All change what is theirs; what began in the time that counts is waited for, and counts. */
async function changeFor(all: readonly Changer[], seconds: number) {
  const beginMs = performance.now() + WARM_UP_MS;
  const endMs = beginMs + seconds * 1000;
  const latencies: number[] = [];
  let changes = 0;
  const run = async (changer: Changer) => {
    for (let from = performance.now(); from < endMs; from = performance.now()) {
      await changer.change();
      changes += 1;
      if (from >= beginMs) latencies.push(performance.now() - from);
    }
  };
  await Promise.all(all.map(run));
  const seen = latencies.toSorted((one, other) => one - other);
  const at = (share: number) => rounded(seen[Math.floor(seen.length * share)] ?? Number.NaN);
  const perSecond = Math.round((seen.length / (performance.now() - beginMs)) * 1000);
  return { changes, perSecond, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** A client that makes a directory, renames it and deletes it, again and again. */
class Changer {
  readonly #client: NamespaceClient;
  readonly #path: string;
  #turn = 0;

  constructor(client: NamespaceClient, path: string) {
    this.#client = client;
    this.#path = path;
  }

  async change(): Promise<void> {
    const step = this.#turn++ % 3;
    if (step === 0) await this.#client.mkdir(this.#path);
    else if (step === 1) await this.#client.rename(this.#path, `${this.#path}-moved`);
    else await this.#client.delete(`${this.#path}-moved`);
  }
}

/** A rename next to the others that the storage does not end before it is told to. */
class SlowRename {
  readonly #cluster: MountBench['cluster'];
  readonly #renamed: Promise<unknown>;
  readonly #fromMs = performance.now();

  private constructor(cluster: MountBench['cluster'], renamed: Promise<unknown>) {
    this.#cluster = cluster;
    this.#renamed = renamed;
    this.#renamed.catch(() => {});
  }

  static async begin(cluster: MountBench['cluster'], client: NamespaceClient): Promise<SlowRename> {
    const path = `/slow/shared/${SLOW_NAME}${Math.round(performance.now())}`;
    await client.mkdir(path);
    await cluster.tellAll('hold');
    const slow = new SlowRename(cluster, client.rename(path, `${path}-moved`));
    while ((await cluster.usage()).held === 0) await sleep(POLL_MS);
    return slow;
  }

  async end() {
    if ((await this.#cluster.usage()).held === 0) throw new Error('the slow one ended too early');
    const heldMs = Math.round(performance.now() - this.#fromMs);
    await this.#cluster.tellAll('release');
    await this.#renamed;
    return { heldMs };
  }
}
