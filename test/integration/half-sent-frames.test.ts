import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NamespaceClient, readClusterStatus } from 'inode-app';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLIENT_GREETING, Crowd } from './crowd.js';
import { RunningCluster } from './running-cluster.js';
import { until } from './until.js';

const MEBIBYTE = 1024 * 1024;
const STATUS_MS = 10_000;
/** Half-sent frames, to each member; ten times as much as all may take together. */
const FRAMES = 80;
const FRAME_BYTES = 8 * MEBIBYTE;
/** What a member holds of them, of what it has heard and not yet looked at, and of what the collector left. */
const HELD_BYTES = 256 * MEBIBYTE;

let directory: string;
let cluster: RunningCluster;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'half-sent-'));
  cluster = await RunningCluster.start(directory);
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** A frame's header, for a payload of so many bytes. */
function header(bytes: number): Buffer {
  const written = Buffer.alloc(5);
  written[0] = 1;
  written.writeUInt32LE(bytes, 1);
  return written;
}

it('frames that never end cost members bounded memory and no lead, and their senders are told why', async () => {
  const { addresses } = cluster;
  await using client = new NamespaceClient({ addresses, timeoutMs: 120_000 });
  await client.mkdir('/before');
  const members = async () => (await readClusterStatus(addresses, STATUS_MS)).members;
  const before = await members();

  using crowd = new Crowd();
  const beginning = Buffer.alloc(FRAME_BYTES - 10);
  // They send nothing more, so that the reason reaches them: who goes on sending may see a reset first.
  const patient = addresses.map((address) => {
    return crowd.knock(address, CLIENT_GREETING);
  });
  await until(() => patient.every(({ heard }) => heard() !== ''));
  for (const { socket } of patient) {
    socket.write(header(FRAME_BYTES));
    socket.write(beginning.subarray(0, MEBIBYTE));
  }
  for (const address of addresses) {
    for (let frame = 0; frame < FRAMES; frame++) {
      const { socket } = crowd.knock(address, CLIENT_GREETING);
      socket.write(header(FRAME_BYTES));
      socket.write(beginning);
    }
  }
  for (let each = 0; each < 50; each++) await client.mkdir(`/while-${each}`);
  await until(() => patient.every(({ heard }) => heard().includes('CONNECTION_CLOSED')));
  for (const [at, member] of (await members()).entries()) {
    expect(member).toMatchObject({ reachable: true, pid: before[at]?.pid });
    expect(member.elections).toEqual(before[at]?.elections);
    expect(member.rssBytes).toBeLessThan((before[at]?.rssBytes ?? 0) + HELD_BYTES);
  }
});
