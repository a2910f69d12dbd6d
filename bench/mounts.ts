/**
 * `npm run bench:mounts -- [PART...]`: what mounts cost. Members are processes of their own, all on this machine; the
 * ratios compare what was measured in one run.
 *
 * - `first`: a directory of local files and a prefix of S3 keys come in for the first time: entries a second, beside
 *   the storage's own listing, and memory of the leader. The keys are those of a scripted server, so that what is measured
 *   is our side.
 * - `in-sync`: listings of a directory in a mount that needs no look, against one that is in no mount.
 * - `unchanged`: a look into a directory in which nothing has changed. An entry of the log ends the bench.
 * - `changes`: mkdir, create with complete, rename and delete, against the storage alone.
 * - `siblings`: a thousand clients change entries next to one that a slow storage renames.
 *
 * Prints a table a part and, last, one line of JSON with the same by part.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NamespaceClient } from 'inode-app';
import { CREDENTIALS, type MountBench, PROFILE } from './mounts/bench.js';
import { changes } from './mounts/changes.js';
import { firstListing } from './mounts/first-listing.js';
import { inSync, unchanged } from './mounts/in-sync.js';
import { MountCluster } from './mounts/mount-cluster.js';
import { siblings } from './mounts/siblings.js';
import { runBench, seconds, wholeNumber } from './usage.js';

const HELP = `Usage: npm run bench:mounts -- [PART...] [options]

Starts members, measures what mounts cost, and stops them. Parts, all of them by default:
first, in-sync, unchanged, changes, siblings.

  --entries N    entries of what is first listed (default 1000000)
  --listed N     entries of the large directory that is in sync, or unchanged (default 100000)
  --clients N    that change siblings (default 1000)
  --seconds N    that each phase of these is measured (default 10)
  --members N    of the cluster, 1 to 5 (default 3)
  --port N       first of 15 ports (default 6561)
  --node OPTION  for Node in the members, as --node=--cpu-prof; several times
  --help         this text

Changes in S3 are measured where versitygw is in PATH, or VERSITYGW names it.
`;

const PARTS = { first: firstListing, 'in-sync': inSync, unchanged, changes, siblings };
type Part = keyof typeof PARTS;

const LAST_FIRST_PORT = 65_520;
const TIMEOUT_MS = 120_000;
const MAX_ENTRIES = 10_000_000;

interface Arguments {
  readonly parts: readonly Part[];
  readonly entries: number;
  readonly listed: number;
  readonly clients: number;
  readonly seconds: number;
  readonly members: number;
  readonly firstPort: number;
  readonly node: readonly string[];
}

function parse(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      entries: { type: 'string', default: '1000000' },
      listed: { type: 'string', default: '100000' },
      clients: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '10' },
      members: { type: 'string', default: '3' },
      port: { type: 'string', default: '6561' },
      node: { type: 'string', multiple: true, default: [] },
    },
  });
  const known = Object.keys(PARTS) as Part[];
  const unknown = positionals.find((each) => !known.some((part) => part === each));
  if (unknown !== undefined) {
    throw new TypeError(`parts are ${known.join(', ')}, not "${unknown}"`);
  }
  return {
    parts: positionals.length === 0 ? known : known.filter((part) => positionals.includes(part)),
    entries: wholeNumber('--entries', values.entries, 1, MAX_ENTRIES),
    listed: wholeNumber('--listed', values.listed, 1, MAX_ENTRIES),
    clients: wholeNumber('--clients', values.clients, 1, 1024),
    seconds: seconds('--seconds', values.seconds, 0.1),
    members: wholeNumber('--members', values.members, 1, 5),
    firstPort: wholeNumber('--port', values.port, 1, LAST_FIRST_PORT),
    node: values.node,
  };
}

async function main({ parts, ...options }: Arguments): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-mounts-'));
  try {
    const profiles = join(directory, 'profiles.json');
    await writeFile(profiles, JSON.stringify({ [PROFILE]: CREDENTIALS }), { mode: 0o600 });
    await using cluster = await MountCluster.start(directory, profiles, options);
    await using client = new NamespaceClient({
      addresses: cluster.addresses,
      timeoutMs: TIMEOUT_MS,
    });
    await Promise.race([run(parts, { ...options, cluster, client, directory }), cluster.lost]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function run(parts: readonly Part[], bench: MountBench): Promise<void> {
  const figures: Partial<Record<Part, unknown>> = {};
  for (const part of parts) {
    process.stdout.write(`${part}\n`);
    figures[part] = await PARTS[part](bench);
  }
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

await runBench(HELP, parse, main);
