import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeAddresses } from '@raft-ts/net/testing';
import { type LogStore, RaftError } from 'raft-ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterMember } from '../../client/cluster-member.js';
import { readClusterStatus } from '../../client/cluster-status.js';
import { NamespaceClient } from '../../client/namespace-client.js';
import { Master } from '../master.js';
import { type MasterDisk, type MasterOptions, realDisk } from '../master-options.js';
import type { MemberAddresses } from '../members.js';
import { diskLimits } from './disk-limits.js';

const ENOUGH_BYTES = 1024 * 1024;
const STATUS_MS = 5_000;
/** A client that waits as long as it takes. */
const PATIENT_MS = 3_600_000;

/** A member's real disk, on which there is no room any more when a test says so. */
class FillableDisk implements MasterDisk {
  readonly limits = { ...diskLimits(ENOUGH_BYTES), checkMs: 5, maxPauseMs: 20 };
  /** What writes and openings fail with from now on. */
  failure: RaftError | undefined;
  free = Number.MAX_SAFE_INTEGER;
  readonly opened: LogStore[] = [];
  /** Writes to a log that had failed before. */
  writesAfterFailure = 0;

  async openLog(options: MasterOptions, signal: AbortSignal): Promise<LogStore> {
    if (this.failure !== undefined) throw this.failure;
    const log = await realDisk(options).openLog(options, signal);
    const write = log.write.bind(log);
    let failed = false;
    log.write = (entries) => {
      if (failed) this.writesAfterFailure += 1;
      if (this.failure === undefined && !failed) return write(entries);
      failed = true;
      return Promise.reject(this.failure ?? new Error('this log has failed'));
    };
    this.opened.push(log);
    return log;
  }

  async freeBytes(): Promise<number> {
    return this.free;
  }

  fill(): void {
    this.free = 0;
    this.failure = new RaftError('LOG_FULL', 'No space left on device');
  }

  makeRoom(): void {
    this.failure = undefined;
    this.free = ENOUGH_BYTES;
  }
}

let directory: string;
let members: readonly MemberAddresses[];
const disks = new Map<number, FillableDisk>();
const masters = new Map<number, Master>();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'disk-full-'));
  const addresses = await freeAddresses(6);
  members = [1, 2, 3].map((id) => ({
    id,
    memberAddress: addresses[id - 1] ?? '',
    clientAddress: addresses[id + 2] ?? '',
  }));
  for (const { id } of members) {
    const disk = new FillableDisk();
    disks.set(id, disk);
    masters.set(id, await Master.start(optionsOf(id), disk));
  }
});

afterEach(async () => {
  await Promise.all([...masters.values()].map((master) => master.stop()));
  masters.clear();
  await rm(directory, { recursive: true, force: true });
});

function optionsOf(id: number): MasterOptions {
  return { id, clusterId: 'full', directory: join(directory, `${id}`), members };
}

function addresses(...ids: readonly number[]): readonly string[] {
  return members.filter(({ id }) => ids.includes(id)).map(({ clientAddress }) => clientAddress);
}

function diskOf(id: number): FillableDisk {
  const disk = disks.get(id);
  if (disk === undefined) throw new Error(`no member ${id}`);
  return disk;
}

/** Asks the members until `look` finds what it looks for. */
async function untilStatus<T>(look: (all: readonly ClusterMember[]) => T | undefined): Promise<T> {
  for (;;) {
    const status = await readClusterStatus(addresses(1, 2, 3), STATUS_MS);
    const found = look(status.members);
    if (found !== undefined) return found;
  }
}

const leaderId = () =>
  untilStatus((all) => all.find(({ role }) => role === 'leader')?.id ?? undefined);

const untilFull = (id: number) =>
  untilStatus((all) => all.find((member) => member.id === id && member.role === 'disk-full'));

describe('a member whose disk is full', () => {
  it('leaves the lead to others, and takes part again by itself once there is room', async () => {
    await using client = new NamespaceClient({
      addresses: addresses(1, 2, 3),
      timeoutMs: PATIENT_MS,
    });
    await client.mkdir('/before');
    const full = await leaderId();
    diskOf(full).fill();
    await client.mkdir('/meanwhile');
    expect((await untilFull(full)).reason).toContain('its disk is full: 0.0 MiB are free');
    expect(await leaderId()).not.toBe(full);

    // Some room is not enough.
    diskOf(full).failure = undefined;
    diskOf(full).free = ENOUGH_BYTES - 1;
    await untilStatus((all) => all.find(({ reason }) => reason?.includes('1.0 MiB are free')));
    expect(diskOf(full).opened).toHaveLength(1);

    diskOf(full).makeRoom();
    await client.mkdir('/after');
    await untilStatus((all) => {
      const own = all.find(({ id }) => id === full);
      const leads = all.find(({ role }) => role === 'leader');
      return own?.role === 'follower' && own.applied === leads?.applied ? own : undefined;
    });
    expect(diskOf(full).opened).toHaveLength(2);
    expect(diskOf(full).writesAfterFailure).toBe(0);

    // It counts: with one of the others gone, it is part of the majority.
    const other = members.find(({ id }) => id !== full)?.id ?? 0;
    await masters.get(other)?.stop();
    await client.mkdir('/counts');
    expect((await client.getStatus('/meanwhile')).type).toBe('directory');
  });

  it('refuses writes and says why, when it is most members; nothing is lost then', async () => {
    await using client = new NamespaceClient({
      addresses: addresses(1, 2, 3),
      timeoutMs: PATIENT_MS,
    });
    await client.mkdir('/before');
    for (const { id } of members) diskOf(id).fill();
    await using hasty = new NamespaceClient({ addresses: addresses(1, 2, 3), timeoutMs: 1000 });
    await hasty.mkdir('/refused').catch(() => {});
    // The third may have handed over the lead before it had to write: without a leader it has nothing
    // to write, and does not notice.
    await untilStatus(
      (all) => all.filter(({ role }) => role === 'disk-full').length >= 2 || undefined,
    );
    await using another = new NamespaceClient({ addresses: addresses(1), timeoutMs: 500 });
    await expect(another.mkdir('/refused-too')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      outcome: 'definite',
    });
    for (const { id } of members) diskOf(id).makeRoom();
    expect((await client.getStatus('/before')).type).toBe('directory');
    await client.mkdir('/after');
  });

  it('waits again when the disk is full again as it is opened', async () => {
    const full = await leaderId();
    diskOf(full).fill();
    await untilFull(full);
    // There seems to be room, but what is free is not what is lacking.
    diskOf(full).free = ENOUGH_BYTES;
    await untilStatus((all) => all.find(({ reason }) => reason?.includes('again soon')));
    expect(diskOf(full).opened).toHaveLength(1);
    diskOf(full).makeRoom();
    await untilStatus((all) => all.find(({ id, role }) => id === full && role === 'follower'));
    expect(diskOf(full).opened).toHaveLength(2);
  });

  it('stops when it is told to while it waits', async () => {
    const full = await leaderId();
    diskOf(full).fill();
    await untilFull(full);
    await masters.get(full)?.stop();
    expect(await masters.get(full)?.stopped).toBeUndefined();
  });

  it('steps aside likewise while it can open no more files', async () => {
    const first = await leaderId();
    diskOf(first).failure = new RaftError('LOG_WRITE_FAILED', 'MANIFEST: Too many open files');
    await using client = new NamespaceClient({
      addresses: addresses(1, 2, 3),
      timeoutMs: PATIENT_MS,
    });
    await client.mkdir('/meanwhile');
    const found = await untilStatus((all) =>
      all.find(({ id, reason }) => id === first && reason?.includes('could open no more files')),
    );
    expect(found.role).toBe('stopped');
    diskOf(first).makeRoom();
    await untilStatus((all) => all.find(({ id, role }) => id === first && role === 'follower'));
    expect(diskOf(first).opened).toHaveLength(2);
    expect(diskOf(first).writesAfterFailure).toBe(0);
  });

  it('stops for good when what fails is not that there is no room', async () => {
    const broken = await leaderId();
    diskOf(broken).failure = new RaftError('LOG_WRITE_FAILED', 'EIO');
    await using client = new NamespaceClient({
      addresses: addresses(1, 2, 3),
      timeoutMs: PATIENT_MS,
    });
    await client.mkdir('/write');
    expect(await masters.get(broken)?.stopped).toMatchObject({
      code: 'DATA_UNWRITABLE',
      message: expect.stringContaining('the disk fails'),
    });
    expect(diskOf(broken).opened).toHaveLength(1);
  });

  it('does not start on a full disk', async () => {
    await masters.get(1)?.stop();
    diskOf(1).fill();
    await expect(Master.start(optionsOf(1), diskOf(1))).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('No space left on device'),
    });
  });
});
