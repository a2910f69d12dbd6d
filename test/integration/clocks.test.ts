import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NamespaceClient, readClusterStatus } from 'inode-app';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_GREETING, Crowd } from './crowd.js';
import { RunningCluster } from './running-cluster.js';
import { until } from './until.js';

const STATUS_MS = 2_000;
const POLL_MS = 50;
const DAY_MS = 86_400_000;
/** By how much times may differ here that are right. */
const RIGHT_MS = 60_000;
const IDS = [1, 2, 3];
/** Room for some 50 clients of each member. */
const OPEN_FILES = 256;
const CROWD = 16;

let directory: string;
let cluster: RunningCluster;
let client: NamespaceClient;

function shiftFile(id: number): string {
  return join(directory, `shift-${id}`);
}

/** Sets a member's wall clock ahead by so much, as the clock is read by at any time. */
function shift(id: number, aheadMs: number): void {
  writeFileSync(`${shiftFile(id)}.next`, `${aheadMs}`);
  renameSync(`${shiftFile(id)}.next`, shiftFile(id));
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'clocks-'));
  for (const id of IDS) shift(id, 0);
  const preload = new URL('./shifted-clock.js', import.meta.url).href;
  const environment = (id: number) => ({
    NODE_OPTIONS: `--import ${preload}`,
    CLOCK_SHIFT: shiftFile(id),
  });
  const surroundings = { environment, openFiles: OPEN_FILES };
  cluster = await RunningCluster.start(join(directory, 'data'), surroundings);
  client = new NamespaceClient({ addresses: cluster.addresses });
});

afterAll(async () => {
  await client?.close();
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** How often a member has said this. */
function timesSaid(id: number, sentence: string): number {
  return cluster.said(id).split(sentence).length - 1;
}

async function untilAllSaid(sentence: string, times: number): Promise<void> {
  while (IDS.some((id) => timesSaid(id, sentence) < times)) await pause(POLL_MS);
}

/** The lead may change meanwhile, which is a problem of its own. */
function isOfClock(problem: string): boolean {
  return problem.startsWith('the clock of');
}

/** By how much the mtime of a file that is made now is ahead of the time. */
async function mtimeAheadMs(path: string): Promise<number> {
  await client.create(path);
  const { modifiedMs } = await client.getStatus(path);
  return modifiedMs - Date.now();
}

describe('three masters', () => {
  it('bear with a leader whose clock jumps, name it, and take it back once it is right', async () => {
    expect(Math.abs(await mtimeAheadMs('/before'))).toBeLessThan(RIGHT_MS);
    const { leader, members } = await cluster.statusWhen(
      (status) =>
        status.leader !== null && status.members.every(({ clockOffMs }) => clockOffMs === 0),
    );
    const id = leader ?? 0;
    const sessions = members.find((member) => member.id === id)?.sessions;
    let times = 0;
    for (const days of [1, 365, 75 * 365, -1, -365, -20 * 365]) {
      times++;
      shift(id, days * DAY_MS);
      const ahead = await mtimeAheadMs(`/while-${days}`);
      expect(Math.abs(ahead - days * DAY_MS)).toBeLessThan(RIGHT_MS);
      await untilAllSaid(`the clock of member ${id} is `, times);
      const status = await readClusterStatus(cluster.addresses, STATUS_MS);
      expect(status.problems).toEqual([expect.stringContaining(`the clock of member ${id} is`)]);
      const own = status.members.find((member) => member.id === id);
      expect(Math.abs((own?.clockOffMs ?? 0) - days * DAY_MS)).toBeLessThan(RIGHT_MS);
      expect(own).toMatchObject({ role: 'leader', sessions });

      shift(id, 0);
      expect(Math.abs(await mtimeAheadMs(`/after-${days}`))).toBeLessThan(RIGHT_MS);
      await untilAllSaid(`the clock of member ${id} agrees with most again`, times);
      expect((await readClusterStatus(cluster.addresses, STATUS_MS)).problems).toEqual([]);
    }
    for (const each of IDS) {
      expect(timesSaid(each, 'the clock of')).toBe(2 * times);
    }
  });

  it('notice a clock that is wrong for a second', async () => {
    const id = 2;
    const before = timesSaid(1, `the clock of member ${id} is `);
    shift(id, 3 * DAY_MS);
    await pause(1_000);
    shift(id, 0);
    await untilAllSaid(`the clock of member ${id} is 3.0 days ahead`, 1);
    await untilAllSaid(`the clock of member ${id} agrees with most again`, before + 1);
  });

  it('notice it also while clients have taken all the room that they may', async () => {
    const id = 2;
    const sentence = `the clock of member ${id} is 5.0 days ahead of most members' clocks`;
    using crowd = new Crowd();
    const knockAt = async (member: number) => {
      const address = cluster.addresses[member - 1] ?? '';
      // Few at a time: of many that have not greeted yet some are refused for that.
      for (let refused = false; !refused; ) {
        const knocks = Array.from({ length: CROWD }, () => crowd.knock(address, CLIENT_GREETING));
        await until(() => knocks.every(({ heard, socket }) => heard() !== '' || socket.destroyed));
        refused = knocks.some(({ heard }) => heard().includes('at its limit of'));
      }
    };
    await cluster.kill(id);
    await Promise.all([1, 3].map(knockAt));
    await cluster.startMember(id);
    await knockAt(id);
    shift(id, 5 * DAY_MS);
    await untilAllSaid(sentence, 1);
    shift(id, 0);
    crowd[Symbol.dispose]();
    await cluster.statusWhen(
      ({ members, problems }) =>
        members.every(({ reachable }) => reachable) && !problems.some(isOfClock),
    );
    // What they have said of it would stand once there is no majority any more.
    const isRight = (each: number) =>
      timesSaid(each, `the clock of member ${id} is `) ===
      timesSaid(each, `the clock of member ${id} agrees with most again`);
    while (!IDS.every(isRight)) await pause(POLL_MS);
  });

  it('name both when there are two, for nobody knows which is right', async () => {
    await cluster.stop(3);
    const here = timesSaid(1, 'no majority tells which is right');
    shift(2, -2 * DAY_MS);
    const { members, problems } = await cluster.statusWhen(
      (status) => status.problems.filter(isOfClock).length > 1,
    );
    expect(members.map(({ clockOffMs }) => Math.round((clockOffMs ?? 0) / DAY_MS))).toEqual([
      2, -2, 0,
    ]);
    expect(problems.filter(isOfClock).map((problem) => /member \d/.exec(problem)?.[0])).toEqual([
      'member 1',
      'member 2',
    ]);
    while (timesSaid(1, 'no majority tells which is right') < here + 2) await pause(POLL_MS);
  });
});
