/**
 * What one process does with the inode tree alone, without a log: creates through parse, prefetch,
 * apply and commit in groups, status queries from the heap, memory, and bytes on disk.
 *
 *     npx tsc -b bench && node bench/dist/namespace.js [creates = 1000000] [group = 100]
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ByteString,
  byteString,
  encodeCommand,
  type NamespaceCommand,
  NamespaceMachine,
  NO_ATTRIBUTES,
  openRocksRows,
} from 'inode-app/store';
import { pack, unpack } from 'msgpackr';
import { runBench, wholeNumbers } from './usage.js';

const DEFAULTS = { creates: 1_000_000, group: 100 };
const HELP = `Usage: node bench/dist/namespace.js [creates = 1000000] [group = 100]

Measures what one process does with the inode tree alone, without a log.
`;
const DIRECTORIES = 8;
const REPORT_EVERY = 500_000;
const QUERIES = 200_000;
const OWNER = byteString('alice');
const GROUP = byteString('users');

async function main(options: typeof DEFAULTS): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-namespace-'));
  try {
    await run(directory, options);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function run(directory: string, { creates, group }: typeof DEFAULTS): Promise<void> {
  const machine = await NamespaceMachine.open({ rows: await openRocksRows({ directory }) });
  let index = 0;
  apply([directoryCommand('/bench')]);
  apply(Array.from({ length: DIRECTORIES }, (_, n) => directoryCommand(`/bench/d${n}`)));

  let seconds = 0;
  let last = 0;
  for (let done = 0; done < creates; done += group) {
    const packed: Buffer[] = [];
    for (let n = done; n < done + group; n += 1) packed.push(createCommand(n));
    const start = performance.now();
    await applyPacked(packed);
    seconds += (performance.now() - start) / 1000;
    if ((done + group) % REPORT_EVERY < group) {
      const rate = Math.round(REPORT_EVERY / (seconds - last));
      last = seconds;
      console.log(`${done + group} creates: ${rate}/s, RSS ${rssMegabytes()} MB`);
    }
  }
  console.log(`creates/s: ${Math.round(creates / seconds)}`);

  const paths = Array.from({ length: 1000 }, (_, n) => pathOf(creates - 1 - n));
  const start = performance.now();
  for (let n = 0; n < QUERIES; n += 1) {
    await machine.query({ kind: 'getStatus', path: paths[n % paths.length] ?? byteString('/') });
  }
  console.log(`cached getStatus/s: ${Math.round((QUERIES * 1000) / (performance.now() - start))}`);
  console.log(machine.statistics());
  await machine.close();
  const reopened = performance.now();
  const again = await NamespaceMachine.open({ rows: await openRocksRows({ directory }) });
  console.log(`reopened in ${Math.round(performance.now() - reopened)} ms`);
  await again.close();
  console.log(`bytes an inode on disk: ${((await bytesOf(directory)) / creates).toFixed(1)}`);

  function apply(commands: readonly NamespaceCommand[]): void {
    for (const command of commands) {
      index += 1;
      machine.apply(command, { index, logTimeMs: index, wallMs: 1_700_000_000_000 + index });
    }
    machine.commit(index, []);
  }

  async function applyPacked(packed: readonly Buffer[]): Promise<void> {
    const commands = packed.map((bytes) => machine.parseCommand(unpack(bytes)));
    const missing = machine.prefetch(commands);
    if (missing !== undefined) await missing;
    apply(commands);
  }
}

function directoryCommand(path: string): NamespaceCommand {
  return [{ kind: 'mkdir', path: byteString(path), parents: false, attributes: NO_ATTRIBUTES }];
}

function pathOf(n: number): ByteString {
  return byteString(`/bench/d${n % DIRECTORIES}/file-${String(n).padStart(9, '0')}`);
}

function createCommand(n: number): Buffer {
  const attributes = { ...NO_ATTRIBUTES, mode: 0o640, owner: OWNER, group: GROUP, size: n };
  return pack(encodeCommand([{ kind: 'create', path: pathOf(n), attributes }]));
}

function rssMegabytes(): number {
  return Math.round(process.memoryUsage.rss() / 1024 / 1024);
}

async function bytesOf(path: string): Promise<number> {
  const names = await readdir(path);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

await runBench(HELP, (args) => wholeNumbers(args, DEFAULTS), main);
