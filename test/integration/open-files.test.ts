import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NamespaceClient } from 'inode-app';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CLIENT_GREETING, Crowd, type Knock } from './crowd.js';
import { RunningCluster, startCommand } from './running-cluster.js';
import { until } from './until.js';

const SLOW_MS = 120_000;
const OPEN_FILES = 256;
const SOCKETS = 3_000;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'open-files-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

interface MemberLine {
  readonly id: number;
  readonly role: string;
  readonly reachable: boolean;
  readonly applied: number | null;
  readonly elections: readonly unknown[];
}

/** Three thousand sockets, on the ports of clients and of members, of which two thirds greet. */
function knockEverywhere(crowd: Crowd, cluster: RunningCluster): readonly Knock[] {
  const knocks: Knock[] = [];
  for (let each = 0; each < SOCKETS; each++) {
    const member = each % 3;
    const greets = Math.floor(each / 3) % 3 > 0;
    const address = greets || each % 2 === 0 ? cluster.addresses : cluster.memberAddresses;
    knocks.push(crowd.knock(address[member] ?? '', greets ? CLIENT_GREETING : ''));
  }
  return knocks;
}

/** Tables that are merged give files back, and so room, to whoever comes first: the crowd comes again then. */
async function refusedBeside(addresses: readonly string[], knockAgain: () => void) {
  for (let times = 0; ; times++) {
    await using client = new NamespaceClient({ addresses, timeoutMs: 3_000 });
    try {
      await client.mkdir(`/beside-${times}`);
    } catch (error) {
      return error;
    }
    knockAgain();
  }
}

it(
  'a cluster that may open 256 files serves those it has, tells 3,000 others why not, and takes them once there is room',
  async () => {
    await using cluster = await RunningCluster.start(directory, { openFiles: OPEN_FILES });
    const { addresses } = cluster;
    await using client = new NamespaceClient({ addresses, timeoutMs: 60_000 });
    await client.mkdir('/before');
    const members = async (): Promise<readonly MemberLine[]> =>
      JSON.parse((await cluster.run('status', '--json')).stdout).members;
    const before = await members();
    const campaigns = (lines: readonly MemberLine[]) => lines.map(({ elections }) => elections);

    using crowd = new Crowd();
    const knocks = knockEverywhere(crowd, cluster);
    for (let each = 0; each < 200; each++) await client.mkdir(`/while-${each}`);
    const told = (words: string) => knocks.filter(({ heard }) => heard().includes(words)).length;
    await until(() => {
      return told('welcome') + told(' overloaded: ') >= (SOCKETS * 2) / 3;
    });
    expect(told('welcome')).toBeGreaterThan(30);
    expect(told(' overloaded: ')).toBeGreaterThan(SOCKETS / 2);
    expect(told('overloaded: this server is at its limit of')).toBeGreaterThan(100);
    const refusal = await refusedBeside(addresses, () => knockEverywhere(crowd, cluster));
    expect(refusal).toMatchObject({
      code: 'UNAVAILABLE',
      outcome: 'definite',
      message: expect.stringContaining('at its limit of'),
    });

    // A member that starts anew finds the others behind all who knock at their doors.
    const follower = before.find(({ role }) => role === 'follower')?.id ?? 0;
    await cluster.kill(follower);
    knockEverywhere(crowd, cluster);
    await cluster.startMember(follower);
    await client.mkdir('/after-restart');

    crowd[Symbol.dispose]();
    await using late = new NamespaceClient({ addresses, timeoutMs: 60_000 });
    await late.mkdir('/late');
    for (;;) {
      const now = await members();
      const applied = new Set(now.map((line) => line.applied));
      if (applied.size === 1 && now.every(({ reachable }) => reachable)) break;
    }
    const others = (lines: readonly MemberLine[]) => lines.filter(({ id }) => id !== follower);
    expect(campaigns(others(await members()))).toEqual(campaigns(others(before)));
  },
  SLOW_MS,
);

it.each([
  [200, /^inode-app: this process may open 200 files, and a master with 0 tables needs \d+: raise/],
  [64, /^inode-app: this process may open 64 files, and needs 128 to start: raise the limit/],
])(
  'a master that may open %d files says so in one line and ends',
  async (openFiles, line) => {
    const identity = ['--id', '1', '--cluster-id', 'c', '--data', join(directory, 'data')];
    const members = '1=127.0.0.1:1/127.0.0.1:2,2=127.0.0.1:3/127.0.0.1:4,3=127.0.0.1:5/127.0.0.1:6';
    const child = startCommand(['master', ...identity, '--members', members], {}, openFiles);
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += String(chunk);
    });
    child.stdout?.resume();
    const [code] = await once(child, 'close');
    expect(errors.trimEnd().split('\n')).toEqual([expect.stringMatching(line)]);
    expect(code).toBe(1);
  },
  SLOW_MS,
);
