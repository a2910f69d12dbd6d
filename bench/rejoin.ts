/**
 * `npm run bench:rejoin`: a member of three loses its disk, and fetches a tree of so many files from another while
 * clients write. Prints, last, one line of JSON: `{"files", "seconds", "before", "while", "ratio"}`: from the start of
 * the wiped member until it counts again; of others' writes per second, and their times in milliseconds, with all
 * members up to date and while one fetches; and how many times as long the slowest hundredth of them took. With --give-way
 * the wiped member gets what the others leave of the processors: with a machine of its own it takes none of theirs.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freeAddresses } from '@raft-ts/net/testing';
import { NamespaceClient, readClusterStatus } from 'inode-app';
import { Child } from './child.js';
import { fillTree } from './fill-tree.js';
import { measure } from './measure.js';
import { runBench, wholeNumber } from './usage.js';

const MEMBERS = 3;
const MAX_FILES = 100_000_000;
const MAX_WRITERS = 1_000;
/** Creates under way while the tree is filled. */
const FILLING = 1_024;
const WARM_UP_SECONDS = 2;
const MEASURED_SECONDS = 10;
const STATUS_TIMEOUT_MS = 10_000;
const TIMEOUT_MS = 60_000;
const LOOK_MS = 100;
const HELP = `Usage: npm run bench:rejoin -- [options]

Has a member of three fetch the tree from another while clients write.

  --files N     files in the tree (default 1000000)
  --writers N   writes under way at a time (default 8)
  --rate MIB    a second at most, of what is fetched (default: no limit)
  --give-way    the wiped member gets what the others leave of the processors
  --help        this text
`;

interface Arguments {
  readonly files: number;
  readonly writers: number;
  readonly rate: number | undefined;
  readonly givesWay: boolean;
}

function parse(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      files: { type: 'string', default: '1000000' },
      writers: { type: 'string', default: '8' },
      rate: { type: 'string' },
      'give-way': { type: 'boolean', default: false },
    },
  });
  return {
    files: wholeNumber('--files', values.files, 1, MAX_FILES),
    writers: wholeNumber('--writers', values.writers, 1, MAX_WRITERS),
    givesWay: values['give-way'],
    rate: values.rate === undefined ? undefined : wholeNumber('--rate', values.rate, 1, 100_000),
  };
}

/** Three masters, each a process of its own. */
class Masters implements AsyncDisposable {
  readonly clientAddresses: readonly string[];
  readonly #directory: string;
  readonly #members: string;
  readonly #rate: readonly string[];
  readonly #children = new Map<number, Child>();

  private constructor(directory: string, addresses: readonly string[], rate: number | undefined) {
    this.#directory = directory;
    const at = Array.from({ length: MEMBERS }, (_, index) =>
      addresses.slice(3 * index, 3 * index + 3),
    );
    this.#members = at.map((of, index) => `${index + 1}=${of.join('/')}`).join(',');
    this.clientAddresses = at.map(([, client = '']) => client);
    this.#rate = rate === undefined ? [] : ['--snapshot-rate', `${rate}`];
  }

  static async start(rate: number | undefined): Promise<Masters> {
    const directory = await mkdtemp(join(tmpdir(), 'inode-app-rejoin-'));
    const masters = new Masters(directory, await freeAddresses(3 * MEMBERS), rate);
    const ids = Array.from({ length: MEMBERS }, (_, index) => index + 1);
    await Promise.all(ids.map((id) => masters.#start(id)));
    return masters;
  }

  /** Resolves with the seconds from its start until it counts again. */
  async wipe(id: number, givesWay: boolean): Promise<number> {
    await this.#children.get(id)?.end('SIGKILL');
    await rm(this.#data(id), { recursive: true });
    const beganMs = performance.now();
    const started = this.#start(id, '--rejoin');
    if (givesWay) this.#children.get(id)?.giveWay();
    await started;
    for (;;) {
      const { members } = await readClusterStatus(this.clientAddresses, STATUS_TIMEOUT_MS);
      const seconds = (performance.now() - beganMs) / 1000;
      if (members.some((member) => member.id === id && member.recovering === false)) return seconds;
      await sleep(LOOK_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.end('SIGKILL')));
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #start(id: number, ...more: readonly string[]): Promise<void> {
    const identity = ['--id', `${id}`, '--cluster-id', 'bench', '--members', this.#members];
    const options = [...identity, '--data', this.#data(id), ...this.#rate, ...more];
    const child = new Child(['master', ...options], /"serving"/, 'inherit');
    this.#children.set(id, child);
    await child.serving;
  }

  #data(id: number): string {
    return join(this.#directory, `member-${id}`);
  }
}

async function follower(addresses: readonly string[]): Promise<number> {
  for (;;) {
    const { members } = await readClusterStatus(addresses, STATUS_TIMEOUT_MS);
    const found = members.find(({ role }) => role === 'follower')?.id;
    if (found !== undefined && found !== null && members.some(({ role }) => role === 'leader')) {
      return found;
    }
    await sleep(LOOK_MS);
  }
}

async function main({ files, writers, rate, givesWay }: Arguments): Promise<void> {
  await using masters = await Masters.start(rate);
  const addresses = masters.clientAddresses;
  await using client = new NamespaceClient({ addresses, timeoutMs: TIMEOUT_MS });
  await fillTree(client, files, FILLING);
  await client.mkdir('/others');
  let made = 0;
  const write = () => client.create(`/others/${made++}`);
  const before = await measure(writers, WARM_UP_SECONDS, MEASURED_SECONDS, write);
  const id = await follower(addresses);
  let isOver = false;
  const wiped = masters.wipe(id, givesWay).finally(() => {
    isOver = true;
  });
  wiped.catch(() => {}); // awaited below
  const meanwhile = await measure(writers, 0, () => isOver, write);
  const seconds = Number((await wiped).toFixed(2));
  const ratio = Number((meanwhile.p99Ms / before.p99Ms).toFixed(2));
  process.stdout.write(`${JSON.stringify({ files, seconds, before, while: meanwhile, ratio })}\n`);
}

await runBench(HELP, parse, main);
