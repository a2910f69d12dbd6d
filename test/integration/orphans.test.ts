import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePortsInARow, startCommand } from './running-cluster.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BENCH = join(ROOT, 'bench', 'dist', 'main.js');
const POLL_MS = 50;

let directory: string;
let ports: { readonly client: number; readonly member: number };
let children: ChildProcess[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'orphans-'));
  children = [];
  do ports = { client: await freePortsInARow(), member: await freePortsInARow() };
  while (Math.abs(ports.client - ports.member) < 3);
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await allGone();
  rmSync(directory, { recursive: true, force: true });
});

function portOptions(): readonly string[] {
  return ['--client-port', `${ports.client}`, '--member-port', `${ports.member}`];
}

function startBench(): ChildProcess {
  const child = spawn(
    process.execPath,
    [BENCH, ...portOptions(), '--seconds', '1', '--warm-up', '0'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: directory },
    },
  );
  children.push(child);
  return child;
}

/** Resolves with the first line that matches; everything after it is left unread. */
async function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  if (child.stdout === null) throw new Error('a child without output');
  for await (const line of createInterface({ input: child.stdout })) {
    if (pattern.test(line)) return line;
  }
  throw new Error(`it ended before it printed ${pattern}`);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Resolves once nobody listens on any of the cluster's ports. */
async function allGone(): Promise<void> {
  for (const port of [ports.client, ports.member].flatMap((first) => [first, first + 1, first + 2]))
    while (await isOpen(port)) await pause(POLL_MS);
}

describe('a cluster that a program started', () => {
  it('ends with the program, and its masters with it', async () => {
    for (const end of ['standard input', 'SIGKILL']) {
      const data = ['--data', join(directory, 'data')];
      const launcher = startCommand(['cluster', ...data, ...portOptions(), '--stop-with-stdin']);
      children.push(launcher);
      await lineOf(launcher, /^Serving/);
      const ended = once(launcher, 'exit');
      if (end === 'SIGKILL') launcher.kill(end);
      else launcher.stdin?.end();
      expect(await ended).toEqual(end === 'SIGKILL' ? [null, end] : [0, null]);
      await allGone();
    }
  });
});

describe('npm run bench', () => {
  it('leaves no cluster behind when nobody reads it any more', async () => {
    const bench = startBench();
    await lineOf(bench, /^create/);
    bench.stdout?.destroy();
    const [code] = await once(bench, 'exit');
    expect(code).toBe(1);
    await allGone();
  });

  it('leaves no cluster behind when it is killed', async () => {
    const bench = startBench();
    await lineOf(bench, /^operation/);
    bench.kill('SIGKILL');
    await allGone();
  });

  it('measures no cluster but its own', async () => {
    const somebodys = startCommand([
      'cluster',
      '--data',
      join(directory, 'data'),
      ...portOptions(),
    ]);
    children.push(somebodys);
    await lineOf(somebodys, /^Serving/);
    const bench = startBench();
    let said = '';
    bench.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    const printed = lineOf(bench, /^operation/);
    await expect(printed).rejects.toThrow('it ended before');
    expect(said).toMatch(/127\.0\.0\.1:\d+: another process uses it/);
  });
});
