import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningCluster } from './running-cluster.js';

const POLL_MS = 50;
const IDS = [1, 2, 3];

let directory: string;
let cluster: RunningCluster;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'without-leader-'));
  cluster = await RunningCluster.start(join(directory, 'data'));
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** Waits until the status says this and no more. */
async function untilSaid(problem: RegExp): Promise<void> {
  await cluster.statusWhen(
    ({ problems }) => problems.length === 1 && problem.test(problems[0] ?? ''),
  );
}

/** Waits until all members hear a leader, and status has nothing to say. */
const untilServes = () =>
  cluster.statusWhen(
    ({ leader, members, problems }) =>
      leader !== null && members.every(({ reachable }) => reachable) && problems.length === 0,
  );

async function startAll(...options: readonly string[]): Promise<void> {
  await Promise.all(IDS.map((id) => cluster.startMember(id, ...options)));
}

async function killAndEmptyAll(): Promise<void> {
  await cluster.kill(...IDS);
  for (const id of IDS) rmSync(cluster.data(id), { recursive: true });
}

describe('masters without a leader', () => {
  it('say so, and status says whom they need', async () => {
    const { leader } = await untilServes();
    const [alone = 0, ...others] = IDS.filter((id) => id !== leader);
    await cluster.kill(leader ?? 0, ...others);
    await untilSaid(
      /^a leader needs 2 of 3 members that are up to date, and has 1: start members /,
    );
    while (!/has no leader \(term \d+\)\n$/.test(cluster.said(alone))) await pause(POLL_MS);
    await cluster.kill(alone);
    await startAll();
    await untilServes();
  });

  it('that were all started with --rejoin are told what to do, and that helps', async () => {
    await killAndEmptyAll();
    await startAll('--rejoin');
    await untilSaid(/^every member waits to be brought up to date .* without --rejoin\./);
    for (const id of IDS) expect(cluster.said(id)).toContain('joins: counts once');
    await killAndEmptyAll();
    await startAll();
    await untilServes();
    expect((await cluster.run('fs', 'mkdir', '/begun-anew')).code).toBe(0);
  });
});
