import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentsOf, LogModel, nthShape, writeOf } from './log-model.test.support.js';
import { RocksLogStore } from './rocks-log-store.js';

const CHILD = fileURLToPath(new URL('./kill.test.child.js', import.meta.url));

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rocks-log-kill-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** The lines a child prints until it is gone; killed once it has printed `limit` lines. */
async function linesOf(child: ChildProcess, limit: number): Promise<string[]> {
  if (child.stdout === null) throw new Error('the child has no output');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === limit) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return lines;
}

function acknowledgedIn(lines: readonly string[]): number {
  return lines.filter((line) => line.startsWith('acknowledged')).length;
}

/** What the log may hold: the acknowledged writes, and any number of those that were under way. */
function possibleContents(acknowledged: number, outstanding: number): string[] {
  const model = new LogModel();
  const possible: string[] = [];
  for (let i = 0; i <= acknowledged + outstanding; i++) {
    if (i >= acknowledged) possible.push(model.contents());
    model.apply(writeOf(nthShape(i), model));
  }
  return possible;
}

async function expectKept(acknowledged: number, outstanding: number): Promise<void> {
  await using store = await RocksLogStore.open({ directory, clusterId: 'c', memberId: 1 });
  expect(possibleContents(acknowledged, outstanding)).toContain(await contentsOf(store));
}

describe('a process that is killed while it writes', () => {
  it.each([
    { outstanding: 1, limit: 1 },
    { outstanding: 1, limit: 150 },
    { outstanding: 20, limit: 700 },
  ])(
    'leaves what it acknowledged ($outstanding at a time, $limit)',
    async ({ outstanding, limit }) => {
      const child = spawn(process.execPath, [CHILD, directory, String(outstanding)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = await linesOf(child, limit);
      expect(child.signalCode).toBe('SIGKILL');
      expect(lines.length).toBeGreaterThanOrEqual(limit);
      await expectKept(acknowledgedIn(lines), outstanding);
    },
  );
});

describe('a disk that refuses to be written', () => {
  it('fails every write from then on, and keeps what was acknowledged', async () => {
    // A file may have 400 blocks of 512 or 1,024 bytes; more is an error to whoever writes.
    const command = 'ulimit -f 400; exec "$0" "$@"';
    const child = spawn('/bin/sh', ['-c', command, process.execPath, CHILD, directory, '20'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = await linesOf(child, Number.POSITIVE_INFINITY);
    expect(child.exitCode).toBe(0);
    expect(lines.at(-2)).toContain("can't be written any more");
    expect(lines.at(-1)).toBe('for good');
    const acknowledged = acknowledgedIn(lines);
    expect(acknowledged).toBeGreaterThan(10);
    await expectKept(acknowledged, 20);
  });
});
