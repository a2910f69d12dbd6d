import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NamespaceClient } from 'inode-app';
import { measure } from '../measure.js';
import { type MountBench, rounded } from './bench.js';
import { SLOW_NAME } from './slow-driver.js';

const CONNECTIONS = 10;
const WARM_UP_SECONDS = 1;
const POLL_MS = 20;
/** Of one call: a thousand of them wait for each other on few processors. */
const TIMEOUT_MS = 60_000;

/** Changes of a thousand clients, without and with a slow operation of the storage next to what they change. */
export async function siblings(bench: MountBench) {
  const { cluster, client, directory } = bench;
  const files = join(directory, 'slow');
  mkdirSync(join(files, 'shared'), { recursive: true });
  await client.mount('/slow', `slow://${files}`);
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
  const idle = [...all];
  const change = async () => {
    const changer = idle.pop();
    if (changer === undefined) throw new Error('more operations than clients');
    await changer.change();
    idle.push(changer);
  };
  const phase = () => measure(all.length, WARM_UP_SECONDS, seconds, change);
  const before = await phase();
  const slow = await SlowRename.begin(cluster, client);
  const meanwhile = await phase();
  const held = await slow.end();
  const after = await phase();
  const p99Ms = (before.p99Ms + after.p99Ms) / 2;
  return {
    clients: all.length,
    'per second before': before.opsPerSecond,
    while: meanwhile.opsPerSecond,
    after: after.opsPerSecond,
    'p50 ms before': before.p50Ms,
    'p50 while': meanwhile.p50Ms,
    'p99 ms before': before.p99Ms,
    'p99 while': meanwhile.p99Ms,
    'p99 after': after.p99Ms,
    'ratio of p99': rounded(meanwhile.p99Ms / p99Ms),
    'held ms': held.heldMs,
    'held anew': held.givenUp,
  };
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
  readonly #givenUpBefore: number;

  private constructor(cluster: MountBench['cluster'], givenUp: number, renamed: Promise<unknown>) {
    this.#cluster = cluster;
    this.#givenUpBefore = givenUp;
    this.#renamed = renamed;
    this.#renamed.catch(() => {});
  }

  static async begin(cluster: MountBench['cluster'], client: NamespaceClient): Promise<SlowRename> {
    const path = `/slow/shared/${SLOW_NAME}${Math.round(performance.now())}`;
    await client.mkdir(path);
    const { givenUp } = await cluster.usage();
    await cluster.tellAll('hold');
    const slow = new SlowRename(
      cluster,
      givenUp,
      client.rename(path, `${path}-moved`, { signal: AbortSignal.timeout(TIMEOUT_MS) }),
    );
    while ((await cluster.usage()).held === 0) await sleep(POLL_MS);
    return slow;
  }

  async end() {
    const { held, givenUp } = await this.#cluster.usage();
    const again = givenUp - this.#givenUpBefore;
    if (held === 0 && again === 0) throw new Error('the slow operation ended too early');
    const heldMs = Math.round(performance.now() - this.#fromMs);
    await this.#cluster.tellAll('release');
    await this.#renamed;
    return { heldMs, givenUp: again };
  }
}
