/**
 * `npm run bench`: durable creates and linearizable getStatus through a real cluster of three
 * member processes, from this process as the only client. Prints a table and, last, one line of
 * JSON: `{"create": {"1": {"opsPerSecond", "p50Ms", "p99Ms"}, ...}, "getStatus": {...}}`.
 */
import { parseArgs } from 'node:util';
import { NamespaceClient } from 'inode-app';
import { BenchCluster } from './cluster.js';
import { type Figures, measure } from './measure.js';
import { runBench, seconds, wholeNumber } from './usage.js';

/** One client alone comes last: by then the members' code is compiled, as after a minute of service. */
const OUTSTANDING = [256, 1024, 1] as const;
/** Directories that the files are spread over. */
const DIRECTORIES = 64;
/** Three ports in a row are taken. */
const LAST_FIRST_PORT = 65_533;
const HELP = `Usage: npm run bench -- [options]

Starts three members, measures durable creates and linearizable getStatus, and stops them.

  --seconds N       seconds a step is measured (default 8)
  --warm-up N       seconds before each step that do not count (default 2)
  --client-port N   first of three ports for clients (default 6401)
  --member-port N   first of three ports between members (default 6501)
  --help            this text
`;

type Results = Record<string, Record<string, Figures>>;

interface Arguments {
  readonly seconds: number;
  readonly warmUp: number;
  readonly clientPort: number;
  readonly memberPort: number;
}

function parse(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '8' },
      'warm-up': { type: 'string', default: '2' },
      'client-port': { type: 'string', default: '6401' },
      'member-port': { type: 'string', default: '6501' },
    },
  });
  return {
    seconds: seconds('--seconds', values.seconds, 0.001),
    warmUp: seconds('--warm-up', values['warm-up'], 0),
    clientPort: wholeNumber('--client-port', values['client-port'], 1, LAST_FIRST_PORT),
    memberPort: wholeNumber('--member-port', values['member-port'], 1, LAST_FIRST_PORT),
  };
}

async function main({ clientPort, memberPort, ...times }: Arguments): Promise<void> {
  await using cluster = await BenchCluster.start(clientPort, memberPort);
  await using client = new NamespaceClient({ addresses: cluster.addresses });
  // Whoever reads may go, as `head` does: then the cluster goes too.
  const unread = new Promise<never>((_, reject) => process.stdout.on('error', reject));
  const work = run(client, times.warmUp, times.seconds);
  await Promise.race([work, cluster.lost, unread]);
}

async function run(client: NamespaceClient, warmUp: number, seconds: number): Promise<void> {
  await client.mkdir('/bench', { parents: true });
  for (let d = 0; d < DIRECTORIES; d++) await client.mkdir(`/bench/d${d}`, { parents: true });
  const results: Results = { create: {}, getStatus: {} };
  let created = 0;
  process.stdout.write('operation  outstanding      ops/s   p50 ms   p99 ms\n');
  for (const outstanding of OUTSTANDING) {
    const first = created;
    const figures = await measure(outstanding, warmUp, seconds, (n) => {
      created = Math.max(created, first + n + 1);
      return client.create(pathOf(first + n));
    });
    report(results, 'create', outstanding, figures);
  }
  for (const outstanding of OUTSTANDING) {
    const figures = await measure(outstanding, warmUp, seconds, (n) =>
      client.getStatus(pathOf((n * 7919) % created)),
    );
    report(results, 'getStatus', outstanding, figures);
  }
  process.stdout.write(`${JSON.stringify(results)}\n`);
}

function pathOf(file: number): string {
  return `/bench/d${file % DIRECTORIES}/part-${file}.parquet`;
}

function report(results: Results, operation: string, outstanding: number, figures: Figures): void {
  const steps = results[operation];
  if (steps !== undefined) steps[outstanding] = figures;
  const { opsPerSecond, p50Ms, p99Ms } = figures;
  const cells = [outstanding, opsPerSecond, p50Ms, p99Ms].map(String);
  const [o = '', s = '', p50 = '', p99 = ''] = cells;
  process.stdout.write(
    `${operation.padEnd(10)} ${o.padStart(11)} ${s.padStart(10)} ${p50.padStart(8)} ${p99.padStart(8)}\n`,
  );
}

await runBench(HELP, parse, main);
