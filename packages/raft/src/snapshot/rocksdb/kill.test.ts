import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RocksDatabase } from '../../rocksdb/database.js';
import { largeRows } from '../snapshot.test.support.js';
import { putRows, rowsIn } from './rocks-state.test.support.js';

const CHILD = fileURLToPath(new URL('./kill.test.child.js', import.meta.url));
const FORMER = new Map([['former', 'state']]);
const ROWS = new Map(
  largeRows(48, 4).map(({ key, value }, i) => [`${key}`, `${value}`.concat(`${i}`)]),
);
const BLOCKS = 12;
/** Blocks that the receiving thread may not have written yet. */
const MAX_LOST = 3;

let root: string;
let tree: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'snapshot-kill-'));
  tree = join(root, 'tree');
  await mkdir(join(root, 'snapshots'));
  for (const [name, rows] of [
    ['served', ROWS],
    ['tree', FORMER],
  ] as const) {
    await using database = await RocksDatabase.open({ directory: join(root, name) });
    putRows(database, rows);
  }
});

afterEach(async () => {
  for (const child of children.splice(0)) await killed(child);
  await rm(root, { recursive: true, force: true });
});

function start(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Its lines as they come, until it is gone. */
function linesOf({ stdout }: ChildProcess): AsyncIterable<string> {
  if (stdout === null) throw new Error('the child has no output');
  return createInterface({ input: stdout });
}

/** One that serves, once it does, and what it says from then on. */
async function serving(address: string) {
  const child = start('serve', join(root, 'served'), join(root, 'snapshots'), address);
  const said: string[] = [];
  const listens = new Promise<string>((resolve) => {
    void (async () => {
      for await (const line of linesOf(child)) {
        if (said.length === 0) resolve(line);
        said.push(line);
      }
    })();
  });
  return { child, said, address: await listens };
}

/** Receives to its end; behind a block, `halted` is called and waited for. */
async function receive(
  address: string,
  haltAt = 0,
  halted: (child: ChildProcess) => Promise<void> = async () => {},
): Promise<string[]> {
  const child = start('receive', tree, address, `${haltAt}`);
  const lines: string[] = [];
  for await (const line of linesOf(child)) {
    lines.push(line);
    if (line !== `block ${haltAt}`) continue;
    await halted(child);
    child.stdin?.end();
  }
  return lines;
}

const same = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
  one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
const begunAt = (lines: readonly string[]) =>
  Number(lines.find((line) => line.startsWith('begun at '))?.slice('begun at '.length));

describe('a state that moves between processes', () => {
  it('goes on where it was when the one or the other is killed', async () => {
    let server = await serving('127.0.0.1:0');
    const { address } = server;
    let had = 0;
    for (const halt of [3, 5, 8]) {
      const lines = await receive(address, halt, killed);
      expect(begunAt(lines)).toBeGreaterThanOrEqual(had);
      expect(lines.at(-1)).toBe(`block ${halt}`);
      expect(same(await rowsIn(tree), FORMER)).toBe(true);
      // Less what was with the thread, which may not have been written.
      had = halt - MAX_LOST;
    }
    const broken = await receive(address, 9, () => killed(server.child));
    expect(begunAt(broken)).toBeGreaterThanOrEqual(had);
    expect(broken.at(-1)).toMatch(/^failed .*nobody gave the state/);
    expect(same(await rowsIn(tree), FORMER)).toBe(true);
    server = await serving(address);
    const last = await receive(address);
    expect(begunAt(last)).toBeGreaterThanOrEqual(9 - MAX_LOST);
    expect(last.at(-1)).toBe('installed');
    expect(last.filter((line) => line.startsWith('block')).length).toBe(BLOCKS - begunAt(last));
    // The file was there: nothing was made again.
    expect(server.said).toEqual([address]);
    expect(same(await rowsIn(tree), ROWS)).toBe(true);
  });

  it('is the former or the received one when the receiver is killed while it installs', async () => {
    const { address } = await serving('127.0.0.1:0');
    const child = start('receive', tree, address, '0');
    for await (const line of linesOf(child)) if (line === 'installing') child.kill('SIGKILL');
    await killed(child);
    const rows = await rowsIn(tree);
    expect(same(rows, FORMER) || same(rows, ROWS)).toBe(true);
    const again = await receive(address);
    expect(again.at(-1)).toBe('installed');
    expect(same(await rowsIn(tree), ROWS)).toBe(true);
  });
});
