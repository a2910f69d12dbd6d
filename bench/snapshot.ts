/**
 * `npm run bench:snapshot -- [--rows 1000000] [--rate BYTES] [--json]`: a state of so many rows of 100
 * bytes moves from one process to another: made there from RocksDB, pulled over HTTP, written here into
 * RocksDB, synced. Beside it, in the same run, what the binding alone takes: only reading the rows, only
 * writing them. The last line is JSON: for each step `{rowsPerSecond, cpuMicrosecondsPerRow}`, of all
 * threads of the process that does it; `makingOfReading` and `movingOfWriting`, how fast a step is beside
 * the binding alone (1: as fast); event loops' delays in milliseconds.
 */
import { fork } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HttpClient, HttpServer } from '@raft-ts/net';
import { HttpSnapshotSource, type LogBase, SnapshotKeeper, SnapshotServer } from 'raft-ts';
import { RocksDatabase, RocksSnapshotReceiver, RocksSnapshotRows } from 'raft-ts/rocksdb';

const SERVER = 'server';
const CLUSTER = 'snapshot-bench';
const APPLICATION = { name: 'rows', version: 1 };
const KEY_BYTES = 20;
const VALUE_BYTES = 80;
const ROWS_A_BATCH = 10_000;
const MEMBERSHIP = {
  index: 1,
  configuration: {
    voters: [1],
    outgoing: [],
    learners: [],
    nextLearners: [],
    autoLeave: false,
  },
  endpoints: {},
  forcedRecoveries: [],
  unheard: [],
};
const BASE: LogBase = { index: 10, term: 1, membership: MEMBERSHIP };

/** What a step took. */
interface Step {
  readonly rowsPerSecond: number;
  /** Of all threads of the process. */
  readonly cpuMicrosecondsPerRow: number;
}

interface Delays {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** From the serving process. */
interface ServerReady {
  readonly address: string;
  readonly reading: Step;
}
interface ServerDelays {
  readonly making: Delays;
  readonly sending: Delays;
  readonly makingCpuMicrosecondsPerRow: number;
  readonly sendingCpuMicrosecondsPerRow: number;
}

async function measure(rows: number, step: () => Promise<void> | void): Promise<Step> {
  const cpu = process.cpuUsage();
  const from = performance.now();
  await step();
  const ms = performance.now() - from;
  return { rowsPerSecond: Math.round((rows / ms) * 1000), ...cpuEach(rows, cpu) };
}

function cpuEach(rows: number, since: NodeJS.CpuUsage): { cpuMicrosecondsPerRow: number } {
  const { user, system } = process.cpuUsage(since);
  return { cpuMicrosecondsPerRow: rounded((user + system) / rows) };
}

const rounded = (value: number) => Math.round(value * 100) / 100;

function delaysOf(histogram: IntervalHistogram): Delays {
  return {
    p99Ms: rounded(histogram.percentile(99) / 1e6),
    maxMs: rounded(histogram.max / 1e6),
  };
}

/** In the order of their keys, with values that do not compress to nothing. */
function writeRows(database: RocksDatabase, rows: number): void {
  const batch = database.batch();
  const key = Buffer.alloc(KEY_BYTES);
  const value = Buffer.alloc(VALUE_BYTES);
  for (let i = 0; i < rows; i++) {
    key.writeUInt32BE(i, 8);
    for (let at = 0; at < VALUE_BYTES; at += 4)
      value.writeInt32LE(Math.imul(i + at, 2654435761), at);
    batch.put(key, value);
    if ((i + 1) % ROWS_A_BATCH !== 0) continue;
    batch.write({ sync: false });
    batch.clear();
  }
  batch.write({ sync: true });
}

function readRows(database: RocksDatabase): number {
  using range = database.range();
  let rows = 0;
  for (let page = range.nextPageSync(); page.length > 0; page = range.nextPageSync()) {
    rows += page.length;
  }
  return rows;
}

async function serve(directory: string, rows: number): Promise<void> {
  await using database = await RocksDatabase.open({ directory: join(directory, 'state') });
  writeRows(database, rows);
  const reading = await measure(rows, () => {
    readRows(database);
  });
  const snapshots = join(directory, 'snapshots');
  await mkdir(snapshots);
  const keeper = await SnapshotKeeper.open({ directory: snapshots, clusterId: CLUSTER });
  const take = async () => await (await RocksSnapshotRows.start(database)).hold(BASE);
  await using server = new SnapshotServer({
    clusterId: CLUSTER,
    application: APPLICATION,
    keeper,
    supply: { take },
  });
  await using http = await HttpServer.open('127.0.0.1:0', (request) => server.handle(request));
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  let cpu = process.cpuUsage();
  let making: Delays = { p99Ms: 0, maxMs: 0 };
  let makingCpuMicrosecondsPerRow = 0;
  process.on('message', (message) => {
    if (message === 'made') {
      making = delaysOf(histogram);
      makingCpuMicrosecondsPerRow = cpuEach(rows, cpu).cpuMicrosecondsPerRow;
      cpu = process.cpuUsage();
      histogram.reset();
      process.send?.('noted');
    } else if (message === 'moved') {
      const answer: ServerDelays = {
        making,
        sending: delaysOf(histogram),
        makingCpuMicrosecondsPerRow,
        sendingCpuMicrosecondsPerRow: cpuEach(rows, cpu).cpuMicrosecondsPerRow,
      };
      process.send?.(answer);
    }
  });
  const ready: ServerReady = { address: http.address, reading };
  process.send?.(ready);
  await new Promise<void>((resolve) => process.once('disconnect', resolve));
}

interface Arguments {
  readonly rows: number;
  readonly rate: number | undefined;
  readonly json: boolean;
}

function parse(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '1000000' },
      rate: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const rows = Number(values.rows);
  if (!Number.isSafeInteger(rows) || rows < ROWS_A_BATCH) {
    throw new TypeError(
      `--rows takes a whole number from ${ROWS_A_BATCH} on, not "${values.rows}"`,
    );
  }
  const rate = values.rate === undefined ? undefined : Number(values.rate);
  return { rows, rate, json: values.json };
}

async function moved({ rows, rate }: Arguments, directory: string) {
  await mkdir(join(directory, SERVER));
  const child = fork(fileURLToPath(import.meta.url), [SERVER, join(directory, SERVER), `${rows}`]);
  const closed = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const message = <T>() =>
    new Promise<T>((resolve) => child.once('message', resolve as (m: unknown) => void));
  try {
    const { address, reading } = await message<ServerReady>();
    const writing = await measure(rows, async () => {
      await using database = await RocksDatabase.open({ directory: join(directory, 'written') });
      writeRows(database, rows);
    });
    const receiver = new RocksSnapshotReceiver({
      directory: join(directory, 'tree'),
      install: (replace) => replace(),
    });
    await using _received = receiver;
    await using client = new HttpClient();
    await using source = new HttpSnapshotSource({
      clusterId: CLUSTER,
      application: APPLICATION,
      receiver,
      peers: () => [{ member: 1, address }],
      client,
      ...(rate === undefined ? {} : { maxBytesPerSecond: rate }),
    });
    const making = await measure(rows, () => madeAt(client, address));
    const noted = message<string>();
    child.send('made');
    await noted;
    const histogram = monitorEventLoopDelay({ resolution: 1 });
    histogram.enable();
    const moving = await measure(rows, async () => {
      await using fetched = await source.fetch({ from: 1, index: 1 }, new AbortController().signal);
      await fetched.install();
    });
    const receiving = delaysOf(histogram);
    const delays = message<ServerDelays>();
    child.send('moved');
    const of = await delays;
    return {
      rows,
      reading,
      making: {
        rowsPerSecond: making.rowsPerSecond,
        cpuMicrosecondsPerRow: of.makingCpuMicrosecondsPerRow,
      },
      writing,
      moving,
      sendingCpuMicrosecondsPerRow: of.sendingCpuMicrosecondsPerRow,
      makingOfReading: rounded(making.rowsPerSecond / reading.rowsPerSecond),
      movingOfWriting: rounded(moving.rowsPerSecond / writing.rowsPerSecond),
      makingAndMovingRowsPerSecond: Math.round(
        1 / (1 / making.rowsPerSecond + 1 / moving.rowsPerSecond),
      ),
      eventLoopDelays: { making: of.making, sending: of.sending, receiving },
    };
  } finally {
    if (child.connected) child.disconnect();
    await closed;
  }
}

/** Asks until the snapshot is made. */
async function madeAt(client: HttpClient, address: string): Promise<void> {
  const path = `/raft/1/${CLUSTER}/0/snapshots/latest`;
  for (;;) {
    await using answer = await client.request(address, { path });
    await answer.body();
    if (answer.status === 200) return;
    if (answer.status !== 202) throw new Error(`status ${answer.status}`);
  }
}

async function main(parsed: Arguments): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-snapshot-'));
  try {
    const figures = await moved(parsed, directory);
    if (!parsed.json) {
      const { reading, making, writing, moving } = figures;
      console.table({ 'only read': reading, made: making, 'only written': writing, moved: moving });
    }
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const [role, directory, rows] = process.argv.slice(2);
if (role === SERVER && directory !== undefined) await serve(directory, Number(rows));
else await main(parse(process.argv.slice(2)));
