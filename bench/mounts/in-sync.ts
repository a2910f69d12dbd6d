import { join } from 'node:path';
import { localDriver } from 'inode-app/storages';
import { fileName, listAlone, type MountBench, makeFiles, middle, rounded } from './bench.js';

const SMALL = 1000;
const ROUNDS = 9;
/** Listings of one round together bring so many entries, so that a round can be measured. */
const ENTRIES_A_ROUND = 100_000;
const INTERVALS = [-1, 60_000] as const;
/** A leader has an entry written to compare states 5 s after the last one. */
const QUIET_MS = 12_000;
const OPERATIONS_A_BATCH = 1000;
const OUTSTANDING_BATCHES = 4;

/** Listings of a directory that is in sync, by turns with those of one that is in no mount. */
export async function inSync(bench: MountBench) {
  const figures = [];
  for (const entries of [SMALL, bench.listed]) {
    const paths = await makeBoth(bench, entries);
    for (const interval of INTERVALS) figures.push(await compare(bench, paths, entries, interval));
  }
  console.table(figures);
  return figures;
}

/** Looks again into a directory in which nothing has changed. */
export async function unchanged(bench: MountBench) {
  const { cluster, client, listed } = bench;
  const { mounted, uri } = await makeMounted(bench, listed);
  await client.sync(mounted);
  await cluster.quiet(QUIET_MS);
  const place = { name: 'local', driver: localDriver, uri, options: {}, profile: '' };
  const alone = await listAlone(place);
  const before = await cluster.usage();
  let changed = 0;
  const took = await cluster.measure(async () => {
    ({ changed } = await client.sync(mounted));
  });
  const after = await cluster.usage();
  const figures = {
    entries: listed,
    aloneSeconds: rounded(alone.seconds),
    seconds: rounded(took.ms / 1000),
    ratio: rounded(took.ms / 1000 / alone.seconds),
    'alone processor ms': Math.round(alone.processorMs),
    'leader processor ms': Math.round(took.processorMs),
    'log entries': after.commit - before.commit,
  };
  console.table([figures]);
  if (changed > 0 || after.commit > before.commit) {
    throw new Error('a directory in which nothing has changed was written');
  }
  return figures;
}

interface Paths {
  readonly mounted: string;
  readonly plain: string;
}

async function makeMounted({ client, directory }: MountBench, entries: number) {
  const files = join(directory, `in-sync-${entries}`);
  const mounted = `/mounted-${entries}`;
  const uri = `file://${files}`;
  const mounts = await client.mounts();
  if (mounts.some(({ path }) => path === mounted)) return { mounted, uri };
  makeFiles(files, entries);
  await client.mount(mounted, uri);
  await client.sync(mounted);
  return { mounted, uri };
}

/** Entries of the same names and attributes, in a mount and in none. */
async function makeBoth(bench: MountBench, entries: number): Promise<Paths> {
  const { client } = bench;
  const { mounted } = await makeMounted(bench, entries);
  const plain = `/plain-${entries}`;
  const { owner, group, mode } = await client.getStatus(`${mounted}/${fileName(0)}`);
  await client.mkdir(plain);
  let made = 0;
  const makeNext = async () => {
    while (made < entries) {
      const names = Array.from({ length: Math.min(OPERATIONS_A_BATCH, entries - made) }, () =>
        fileName(made++),
      );
      await client.batch(
        names.map((name) => ({
          kind: 'create',
          path: `${plain}/${name}`,
          attributes: { owner, group, mode },
        })),
      );
    }
  };
  await Promise.all(Array.from({ length: OUTSTANDING_BATCHES }, makeNext));
  return { mounted, plain };
}

async function compare(
  { cluster, client }: MountBench,
  { mounted, plain }: Paths,
  entries: number,
  syncIntervalMs: number,
) {
  const listings = Math.max(1, Math.round(ENTRIES_A_ROUND / entries));
  const list = async (path: string, expected: number) => {
    for (let n = 0; n < listings; n += 1) {
      let found = 0;
      for await (const _ of client.list(path, { syncIntervalMs })) found += 1;
      if (found !== expected) throw new Error(`${found} entries, not ${expected}`);
    }
  };
  await client.sync(mounted);
  const [ofMounted, ofPlain] = [new Times(), new Times()];
  for (let round = -1; round < ROUNDS; round += 1) {
    const isMountedFirst = round % 2 === 0;
    if (isMountedFirst) ofMounted.add(await cluster.measure(() => list(mounted, entries)));
    ofPlain.add(await cluster.measure(() => list(plain, entries)));
    if (!isMountedFirst) ofMounted.add(await cluster.measure(() => list(mounted, entries)));
    // The first of each is no measure yet.
    if (round === -1) for (const times of [ofMounted, ofPlain]) times.clear();
  }
  return {
    entries,
    interval: syncIntervalMs,
    'unmounted ms': rounded(ofPlain.ms / listings),
    'mounted ms': rounded(ofMounted.ms / listings),
    'ratio of time': rounded(ofMounted.ms / ofPlain.ms),
    'unmounted processor ms': rounded(ofPlain.processorMs / listings),
    'mounted processor ms': rounded(ofMounted.processorMs / listings),
    'ratio of processor': rounded(ofMounted.processorMs / ofPlain.processorMs),
  };
}

/** The middle of several. */
class Times {
  readonly #times: { readonly ms: number; readonly processorMs: number }[] = [];

  add(times: { readonly ms: number; readonly processorMs: number }): void {
    this.#times.push(times);
  }

  clear(): void {
    this.#times.length = 0;
  }

  get ms(): number {
    return middle(this.#times.map(({ ms }) => ms));
  }

  get processorMs(): number {
    return middle(this.#times.map(({ processorMs }) => processorMs));
  }
}
