import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../random.js';
import type { MemberEnd } from './cluster.js';
import { mountedDisksProblem } from './disk/mounted-disks.js';
import { LocalCluster, type LocalClusterOptions } from './local-cluster.js';
import { processesWith } from './process-table.js';
import { ask, talkTo, tinyDatabase } from './tiny-database.test.support.js';

const { signal } = new AbortController();
let directory = '';
let ends: MemberEnd[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'jepsen-test-'));
  ends = [];
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function open(members: number, options: Partial<LocalClusterOptions> = {}): Promise<LocalCluster> {
  const onEnd = (end: MemberEnd): void => {
    ends.push(end);
  };
  const defaults = { database: tinyDatabase, members, directory, random: new Random(1), onEnd };
  return LocalCluster.open({ ...defaults, ...options }, signal);
}

function pidOf(cluster: LocalCluster, id: number): number {
  const pid = cluster.processId(id);
  if (pid === undefined) throw new Error(`n${id} does not run`);
  return pid;
}

/** As the kernel has it: T is stopped. */
function stateOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.charAt(text.lastIndexOf(')') + 2);
}

async function askMember(cluster: LocalCluster, id: number, line: string): Promise<string> {
  const member = cluster.members[id - 1];
  return member === undefined ? 'no member' : await ask(talkTo(member), line);
}

describe('a local cluster', () => {
  it('starts members, kills them, pauses them, starts them again, and leaves nothing', async () => {
    const cluster = await open(2);
    await Promise.all([cluster.start(1, signal), cluster.start(2, signal)]);
    const pid = pidOf(cluster, 1);
    expect(await askMember(cluster, 1, 'ping')).toBe(`n1 ${pid}`);
    const other = cluster.members[1]?.peerAddresses.talk;
    expect(await askMember(cluster, 1, `ask ${other}`)).toBe(`n2 ${cluster.processId(2)}`);

    await cluster.kill(1, 'SIGKILL');
    expect(cluster.isRunning(1)).toBe(false);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(ends).toMatchObject([{ id: 1, start: 1, code: null, signal: 'SIGKILL', asked: true }]);
    expect(await askMember(cluster, 1, 'ping')).toBe('ECONNRESET');
    while ((await askMember(cluster, 1, 'ping')) !== 'ECONNREFUSED');

    await cluster.start(1, signal);
    await askMember(cluster, 1, 'exit 7');
    while (cluster.isRunning(1)) await pause(5);
    expect(cluster.ends.at(-1)).toMatchObject({ id: 1, start: 2, code: 7, asked: false });

    cluster.pause(2);
    while (stateOf(pidOf(cluster, 2)) !== 'T') await pause(1);
    cluster.resume(2);
    expect(await askMember(cluster, 2, 'ping')).toContain('n2');
    cluster.pause(2);
    await cluster.kill(2, 'SIGTERM');
    expect(cluster.ends.at(-1)).toMatchObject({ id: 2, signal: 'SIGTERM', asked: true });

    cluster.launch(1);
    cluster.launch(2);
    cluster.pause(2);
    const { scratchDirectory } = cluster;
    const left = (): readonly number[] => processesWith('JEPSEN_CLUSTER', nameOf(cluster));
    expect(left()).toHaveLength(2);
    await cluster[Symbol.asyncDispose]();
    expect(left()).toEqual([]);
    expect(existsSync(scratchDirectory)).toBe(false);
    expect(() => cluster.launch(1)).toThrow('torn down');
  });

  it('acts on the member itself, not on what wraps it', async () => {
    await using cluster = await open(1);
    const prefix = ['sh', '-c', '"$@"; exit 9', 'sh'];
    cluster.surround(1, { prefix, environment: { LAMP: 'lit' }, openFiles: 123 });
    await cluster.start(1, signal);
    const pid = pidOf(cluster, 1);
    expect(await askMember(cluster, 1, 'ping')).toBe(`n1 ${pid}`);
    expect(await askMember(cluster, 1, 'environment LAMP')).toBe('lit');
    expect(readFileSync(`/proc/${pid}/limits`, 'latin1')).toMatch(/Max open files +123 +123 /);
    const processes = processesWith('JEPSEN_CLUSTER', nameOf(cluster));
    expect(processes).toHaveLength(2);
    cluster.pause(1);
    while (stateOf(pid) !== 'T') await pause(1);
    expect(processes.map((one) => stateOf(one)).toSorted()).toEqual(['S', 'T']);
    await cluster.kill(1, 'SIGTERM');
    expect(ends).toMatchObject([{ code: 9, asked: true }]);

    await cluster.start(1, signal);
    await cluster.kill(1, 'SIGKILL');
    expect(processesWith('JEPSEN_CLUSTER', nameOf(cluster))).toEqual([]);
  });

  it('cuts the power of a member, which starts again with what is left', async () => {
    const problem = await mountedDisksProblem('devices');
    if (problem !== undefined) {
      console.log(problem);
      return;
    }
    await using cluster = await open(1, { disks: 'devices', diskBytes: 32 * 1024 * 1024 });
    const [member] = cluster.members;
    if (member === undefined) throw new Error('one was asked for');
    await cluster.start(1, signal);
    const kept = openSync(join(member.directory, 'kept'), 'w');
    fsyncSync(kept);
    closeSync(kept);
    closeSync(openSync(join(member.directory, 'lost'), 'w'));
    await cluster.cutPower(1);
    expect(cluster.isRunning(1)).toBe(false);
    expect(ends).toMatchObject([{ signal: 'SIGKILL', asked: true }]);
    expect(readdirSync(member.directory)).toEqual(['kept']);
    await cluster.start(1, signal);
  });

  it('tells what a member printed that does not start', async () => {
    const script = 'echo first; echo the disk is on fire >&2; exit 4';
    const command = () => ({ file: 'sh', args: ['-c', script] });
    await using cluster = await open(1, { database: { ...tinyDatabase, command } });
    const started = cluster.start(1, signal);
    await expect(started).rejects.toMatchObject({
      code: 'CLUSTER_FAILED',
      message: expect.stringMatching(/n1 .*exit code 4.*\nfirst\nthe disk is on fire\n/s),
    });
  });

  it('gives up one that does not serve, or does not end, in time', async () => {
    const command = () => ({ file: 'sh', args: ['-c', 'trap "" TERM; while :; do sleep 1; done'] });
    const database = { ...tinyDatabase, command };
    await using cluster = await open(1, { database, startTimeoutMs: 300, stopTimeoutMs: 100 });
    await expect(cluster.start(1, signal)).rejects.toThrow('does not serve after 300 ms');
    expect(cluster.isRunning(1)).toBe(true);
    await expect(cluster.kill(1, 'SIGTERM')).rejects.toThrow('was killed');
    expect(cluster.ends).toMatchObject([{ signal: 'SIGKILL', asked: true, isOverdue: true }]);
    expect(cluster.isRunning(1)).toBe(false);
    expect(processesWith('JEPSEN_CLUSTER', nameOf(cluster))).toEqual([]);
  });
});

/** As its scratch directory is named. */
function nameOf(cluster: LocalCluster): string {
  return cluster.scratchDirectory.slice(cluster.scratchDirectory.lastIndexOf('jepsen-') + 7);
}
