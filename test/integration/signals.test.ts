import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freeAddresses } from '@raft-ts/net/testing';
import { readClusterStatus } from 'inode-app';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Crowd } from './crowd.js';
import { freePortsInARow, PROGRAM } from './running-cluster.js';
import { until } from './until.js';

const STATUS_MS = 5_000;

let directory: string;
let started: ChildProcess[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'signals-'));
  started = [];
});

afterEach(async () => {
  for (const child of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a program whose output is read, up to a line that it prints when it serves. */
async function serving(command: readonly string[], line: RegExp): Promise<ChildProcess> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  started.push(child);
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  for await (const said of createInterface({ input: child.stdout })) {
    if (line.test(said)) return child;
  }
  throw new Error(`it ended: ${errors}`);
}

async function alone(): Promise<{ command: readonly string[]; address: string }> {
  const [member, address = ''] = await freeAddresses(2);
  const identity = ['--id', '1', '--cluster-id', 'signals', '--data', join(directory, 'member')];
  const command = [process.execPath, PROGRAM, 'master', ...identity];
  return { command: [...command, '--members', `1=${member}/${address}`], address };
}

async function untilLeads(address: string): Promise<number> {
  for (;;) {
    const { leader, members } = await readClusterStatus([address], STATUS_MS);
    const pid = members[0]?.pid;
    if (leader !== null && typeof pid === 'number') return pid;
  }
}

describe('SIGHUP', () => {
  it('is ignored by a master, where nohup or a shell says so', async () => {
    const { command, address } = await alone();
    for (const before of [['nohup'], ['/bin/sh', '-c', `trap '' HUP; "$@" & wait`, 'sh']]) {
      const child = await serving([...before, ...command], /"serving"/);
      const pid = await untilLeads(address);
      process.kill(pid, 'SIGHUP');
      expect(await untilLeads(address)).toBe(pid);
      const ended = once(child, 'exit');
      process.kill(pid, 'SIGTERM');
      expect(await ended).toEqual([0, null]);
    }
  });

  it('is ignored by a launcher, and by the masters that it starts', async () => {
    const [clients, members, http] = [
      await freePortsInARow(),
      await freePortsInARow(),
      await freePortsInARow(),
    ];
    const between = ['--member-port', `${members}`, '--http-port', `${http}`];
    const ports = ['--client-port', `${clients}`, ...between];
    const data = ['--data', join(directory, 'data')];
    const command = ['nohup', process.execPath, PROGRAM, 'cluster', ...data, ...ports];
    const launcher = await serving(command, /^Serving/);
    const addresses = [0, 1, 2].map((offset) => `127.0.0.1:${clients + offset}`);
    const pids = async () =>
      (await readClusterStatus(addresses, STATUS_MS)).members.map(({ pid }) => pid);
    const before = await pids();
    expect(before.every((pid) => pid !== null)).toBe(true);
    for (const pid of before) process.kill(pid ?? 0, 'SIGHUP');
    launcher.kill('SIGHUP');
    expect(await pids()).toEqual(before);
    const ended = once(launcher, 'exit');
    launcher.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('stops a master that has a terminal', async () => {
    const { command, address } = await alone();
    const child = inTerminal(command);
    const pid = await untilLeads(address);
    const ended = once(child, 'exit');
    process.kill(pid, 'SIGHUP');
    expect(await ended).toEqual([0, null]);
  });
});

/** Starts a program on a terminal of its own, at which is typed what comes to standard input. */
function inTerminal(command: readonly string[]): ChildProcess {
  const typed = command.map((word) => `'${word}'`).join(' ');
  const args =
    process.platform === 'darwin'
      ? ['-q', '/dev/null', ...command]
      : ['-qefc', `exec ${typed}`, '/dev/null'];
  const child = spawn('script', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  started.push(child);
  child.stdout.resume();
  return child;
}

/** A pipe that nobody reads, and that has no room: its end for writing. */
function fullPipe(): number {
  const path = join(directory, 'full');
  execFileSync('mkfifo', [path]);
  const filling = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(filling, Buffer.alloc(4096));
  } catch {
    // It is full. This end stays open: for writers there is still somebody who may read.
  }
  return openSync(path, 'w');
}

describe('a reader that hangs', () => {
  it.each(['stderr', 'stdout'])(
    'of %s neither holds up a master that serves, nor keeps one that is told to stop',
    async (stream) => {
      const { command, address } = await alone();
      const [program = '', ...args] = command;
      const full = fullPipe();
      const streams = stream === 'stderr' ? (['pipe', full] as const) : ([full, 'pipe'] as const);
      const child = spawn(program, args, { stdio: ['pipe', ...streams] });
      started.push(child);
      expect(await untilLeads(address)).toBe(child.pid);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    },
  );

  it('of a terminal, which was stopped with Ctrl-S, does neither', async () => {
    const { command, address } = await alone();
    const child = inTerminal(command);
    const pid = await untilLeads(address);
    let shown = '';
    child.stdout?.on('data', (chunk) => {
      shown += String(chunk);
    });
    using strangers = new Crowd();
    const refused = () => strangers.knock(address, 'nonsense\n');
    refused();
    const lines = () => shown.split('turned away').length - 1;
    await until(() => lines() === 1);
    child.stdin?.write('\x13');
    // Each is worth a line; written at once, the first would be the last.
    for (let each = 0; each < 5; each++) {
      const { heard } = refused();
      await until(() => heard().includes('refused'));
      expect(await untilLeads(address)).toBe(pid);
    }
    child.stdin?.write('\x11');
    await until(() => lines() === 6);
    child.stdin?.write('\x13');
    refused();
    const ended = once(child, 'exit');
    process.kill(pid, 'SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
