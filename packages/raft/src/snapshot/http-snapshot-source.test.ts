import { getEventListeners } from 'node:events';
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { HttpClient, systemClock } from '@raft-ts/net';
import { eventually } from '@raft-ts/net/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { snapshotSourceCompliance } from '../testing/snapshot-source-compliance.js';
import { FileSnapshotReceiver } from './file-snapshot-receiver.js';
import { HttpSnapshotSource, type HttpSnapshotSourceOptions } from './http-snapshot-source.js';
import { HEADER, headerAt, largeRows, row, snapshotOf } from './snapshot.test.support.js';
import { startOf } from './snapshot-block.js';
import { checkSnapshotFile } from './snapshot-file.js';
import {
  type ServingMember,
  type ServingOptions,
  SnapshotMembers,
} from './snapshot-members.test.support.js';
import { snapshotsPath } from './snapshot-paths.js';
import type { SnapshotReceiver } from './snapshot-receiver.js';
import { stateOf } from './snapshot-state.js';

const { signal: never } = new AbortController();
const ROWS = largeRows(40, 4);
const SNAPSHOT = snapshotOf(headerAt(7), ROWS);
const RANGE_BYTES = 1_500_000;

/** A member that lacks its state. */
class Wiped {
  readonly members: SnapshotMembers;
  readonly #directory: string;
  readonly #installed: string;
  readonly #receivers: FileSnapshotReceiver[] = [];
  readonly #sources: HttpSnapshotSource[] = [];

  private constructor(members: SnapshotMembers) {
    this.members = members;
    this.#directory = join(members.directory, 'received');
    this.#installed = join(members.directory, 'installed');
  }

  static async create(): Promise<Wiped> {
    const wiped = new Wiped(await SnapshotMembers.create());
    await mkdir(wiped.#directory);
    return wiped;
  }

  /** As a process that has just started makes it. */
  source(options: Partial<HttpSnapshotSourceOptions> = {}): HttpSnapshotSource {
    const receiver = new FileSnapshotReceiver({
      directory: this.#directory,
      install: (path) => rename(path, this.#installed),
    });
    this.#receivers.push(receiver);
    const source = new HttpSnapshotSource({
      clusterId: HEADER.clusterId,
      application: HEADER.application,
      receiver,
      peers: () => this.members.peers,
      rangeBytes: RANGE_BYTES,
      ...options,
    });
    this.#sources.push(source);
    return source;
  }

  async installed(): Promise<number> {
    const names = await readdir(this.members.directory);
    if (!names.includes('installed')) return 0;
    return (await checkSnapshotFile(this.#installed)).header.base.index;
  }

  async remove(): Promise<void> {
    for (const source of this.#sources) await source.close();
    for (const receiver of this.#receivers) await receiver.close();
    await this.members.remove();
  }
}

describe('HttpSnapshotSource, as any source,', () => {
  const createHome = async () => {
    const wiped = await Wiped.create();
    const member = await wiped.members.add();
    let withheld = false;
    let stalls: (() => void) | undefined;
    member.intercept = async ({ signal }) => {
      if (withheld) throw new Error('it is withheld');
      if (stalls === undefined) return;
      stalls();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    return {
      source: wiped.source(),
      offer: async (index: number) => {
        [withheld, stalls] = [false, undefined];
        member.index = index;
        member.rows = ROWS.slice(0, 9);
      },
      withhold: async () => {
        withheld = true;
      },
      stall: () =>
        new Promise<void>((resolve) => {
          stalls = resolve;
        }),
      installed: () => wiped.installed(),
      remove: () => wiped.remove(),
    };
  };
  for (const { name, run } of snapshotSourceCompliance(createHome)) it(name, run);
});

describe('HttpSnapshotSource', () => {
  let wiped: Wiped;

  beforeEach(async () => {
    wiped = await Wiped.create();
  });

  afterEach(async () => {
    await wiped.remove();
  });

  async function serving(options: ServingOptions = {}): Promise<ServingMember> {
    const member = await wiped.members.add(options);
    member.rows = ROWS;
    return member;
  }

  const fetchFrom = (source: HttpSnapshotSource, from = 0, index = 7) =>
    source.fetch({ from, index }, never);

  const ranges = (member: ServingMember) =>
    member.requests.filter((request) => request.includes('bytes='));
  const firstBytes = (member: ServingMember) =>
    ranges(member).map((request) => Number(/bytes=(\d+)-/.exec(request)?.[1]));

  async function fetchAndCheck(source: HttpSnapshotSource, from = 0): Promise<void> {
    await using fetched = await fetchFrom(source, from);
    expect(getEventListeners(never, 'abort')).toEqual([]);
    expect(fetched.base).toEqual(headerAt(7).base);
    await fetched.install();
    expect(await wiped.installed()).toBe(7);
  }

  it('asks those that came with the offer, though it knows nobody', async () => {
    const member = await serving();
    const source = wiped.source({ peers: () => [] });
    await expect(fetchFrom(source)).rejects.toMatchObject({ code: 'SNAPSHOT_FAILED' });
    const peers = [{ member: 1, address: member.address }];
    await using fetched = await source.fetch({ from: 1, index: 7, peers }, never);
    expect(fetched.base.index).toBe(7);
  });

  /** The member's server is gone when it was asked for so many ranges. */
  function diesAfter(member: ServingMember, count: number): void {
    member.intercept = async ({ headers }) => {
      if (headers.range === undefined || ranges(member).length <= count) return;
      void member.stop();
      throw new Error('it is gone');
    };
  }

  it('pulls ranges from a follower, and asks the leader nothing', async () => {
    const [leader, follower] = [await serving(), await serving()];
    await fetchAndCheck(wiped.source(), leader.id);
    expect(leader.requests).toEqual([]);
    const length = SNAPSHOT.bytes.byteLength;
    expect(ranges(follower).length).toBe(
      Math.ceil((length - (SNAPSHOT.ends[0] ?? 0)) / RANGE_BYTES),
    );
  });

  it('asks the leader where no follower has it, one is behind, and one is not there', async () => {
    const options = { server: { answerWithinMs: 1 } };
    const [leader, behind, away] = [await serving(), await serving(options), await serving()];
    behind.index = 6;
    await away.stop();
    await fetchAndCheck(wiped.source(), leader.id);
    expect(behind.requests).toEqual(['latest?index=7']);
    expect(leader.requests.length).toBeGreaterThan(1);
  });

  it('goes on with another member that has the same bytes when one dies', async () => {
    const [dying, other] = [await serving(), await serving()];
    await using made = await fetchFrom(wiped.source({ peers: () => wiped.members.peers.slice(1) }));
    expect(made.base.index).toBe(7);
    other.requests.length = 0;
    diesAfter(dying, 3);
    await fetchAndCheck(wiped.source());
    expect(ranges(dying).length).toBe(4);
    // Not from the beginning, and at most a block that it had a part of.
    expect(firstBytes(other)[0]).toBeGreaterThan(2 * RANGE_BYTES);
    expect(other.taken).toBe(1);
  });

  it('goes on with the one that it began, where another member has a later one too', async () => {
    const [dying, other] = [await serving(), await serving()];
    const ofOther = wiped.source({ peers: () => wiped.members.peers.slice(1) });
    await (await fetchFrom(ofOther))[Symbol.asyncDispose]();
    other.index = 9;
    await (await fetchFrom(ofOther, 0, 9))[Symbol.asyncDispose]();
    diesAfter(dying, 3);
    await using fetched = await fetchFrom(wiped.source());
    expect(fetched.base.index).toBe(7);
  });

  it('goes on with the one that it began as long as more of it comes, however often that ends', async () => {
    const [breaking, other] = [await serving(), await serving()];
    other.index = 9;
    let asked = 0;
    breaking.intercept = async ({ headers }) => {
      if (headers.range !== undefined && ++asked % 3 === 0) throw new Error('it breaks off');
    };
    await using fetched = await fetchFrom(wiped.source());
    expect(fetched.base.index).toBe(7);
    expect(asked).toBeGreaterThan(6);
    expect(other.taken).toBe(0);
  });

  it('forgets what it has received where that is not what the end says', async () => {
    await serving();
    let discarded = 0;
    const receiver: SnapshotReceiver = {
      begun: async () => undefined,
      begin: async ({ headerBytes }) => ({ ...startOf(headerBytes), digest: Buffer.alloc(32) }),
      accept: async () => {},
      complete: async () => {
        throw new Error('it is not whole');
      },
      discard: async () => {
        discarded++;
      },
    };
    await expect(fetchFrom(wiped.source({ receiver }))).rejects.toThrow(
      'it is not what its end says',
    );
    expect(discarded).toBe(1);
  });

  it('goes on after this process was killed, and after the other was', async () => {
    const member = await serving();
    diesAfter(member, 3);
    const error = await fetchFrom(wiped.source()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'SNAPSHOT_FAILED',
      message: expect.stringContaining(`member 1 at ${member.address}: `),
    });
    member.intercept = async () => {};
    member.requests.length = 0;
    await member.start();
    await fetchAndCheck(wiped.source());
    expect(firstBytes(member)[0]).toBeGreaterThan(2 * RANGE_BYTES);
    expect(member.requests[0]).not.toContain('latest');
    expect(member.taken).toBe(1);
  });

  it('begins anew where nobody has that one any more', async () => {
    const member = await serving({ keeper: { maxSnapshots: 1 } });
    diesAfter(member, 3);
    await expect(fetchFrom(wiped.source())).rejects.toThrow();
    member.intercept = async () => {};
    await member.start();
    member.index = 9;
    const later = await fetchFrom(wiped.source(), 0, 8);
    expect(later.base.index).toBe(9);
    await later[Symbol.asyncDispose]();
    member.index = 11;
    member.rows = [...ROWS, row('z', '')];
    await using fetched = await fetchFrom(wiped.source(), 0, 10);
    expect(fetched.base.index).toBe(11);
    await fetched.install();
    expect(await wiped.installed()).toBe(11);
  });

  it('goes on with another member where bytes are damaged, and has the damaged ones made anew', async () => {
    const damagedMember = await serving();
    const source = wiped.source();
    await (await fetchFrom(source))[Symbol.asyncDispose]();
    const path = join(damagedMember.directory, '7-3.snapshot');
    await using handle = await open(path, 'r+');
    await handle.write(Buffer.from('damage'), 0, 6, 3_000_000);
    const error = await fetchFrom(source).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'SNAPSHOT_FAILED',
      message: expect.stringContaining('the checksum of block 3 does not fit'),
    });
    const other = await serving();
    await fetchAndCheck(source);
    expect([ranges(other).length, other.taken]).toEqual([1, 0]);
    // It was told, looked, and made it once more: the same bytes.
    expect(damagedMember.requests.some((request) => request.includes('doubted=7-3-'))).toBe(true);
    expect(damagedMember.taken).toBe(2);
    expect((await checkSnapshotFile(path)).id).toBe(SNAPSHOT.manifest.id);
  });

  it('says once that bytes were damaged, and waits until that was looked at', async () => {
    const member = await serving({ server: { answerWithinMs: 1 } });
    const source = wiped.source();
    await (await fetchFrom(source))[Symbol.asyncDispose]();
    // Damaged on the way: the file is as it was written.
    const { keeper } = member;
    const read = keeper?.read.bind(keeper);
    const damagedOnce = async (id: string) => {
      const reading = await read?.(id);
      Object.assign(keeper ?? {}, { read });
      const range = async function* (first: number, last: number) {
        yield Buffer.alloc(last + 1 - first, 0xaa);
      };
      return reading && { ...reading, range };
    };
    Object.assign(keeper ?? {}, { read: damagedOnce });
    await expect(fetchFrom(source)).rejects.toMatchObject({ code: 'SNAPSHOT_FAILED' });
    let checks = 0;
    const asked = member.requests.length;
    const check = async () => {
      checks++;
      await eventually('it was asked twice', () => member.requests.length >= asked + 2);
    };
    Object.assign(keeper ?? {}, { check });
    await (await fetchFrom(source))[Symbol.asyncDispose]();
    expect(checks).toBe(1);
    expect(member.taken).toBe(1);
  });

  it('waits for one that is being made, and shows how far it is', async () => {
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const rows = async function* () {
      yield ROWS.slice(0, 20);
      await held;
      yield ROWS.slice(20);
    };
    const take = async () => stateOf(HEADER.base, { rows: rows() });
    const member = await serving({ server: { answerWithinMs: 10, supply: { take } } });
    const source = wiped.source();
    expect(source.progress).toBeUndefined();
    const fetching = fetchFrom(source);
    await eventually('it is being made', () => source.progress?.rows === 16);
    expect(source.progress).toMatchObject({
      from: member.id,
      phase: 'making',
      totalRows: undefined,
    });
    goOn();
    const seen = new Set<number>();
    await eventually('it is pulled', () => {
      if (source.progress?.phase === 'pulling') seen.add(source.progress.rows);
      return seen.size > 0 || source.progress === undefined;
    });
    await using fetched = await fetching;
    expect(fetched.base.index).toBe(7);
    expect(source.progress).toBeUndefined();
  });

  it('gives up who makes one and gets no further', async () => {
    const rows = async function* () {
      yield ROWS;
      await new Promise(() => {});
    };
    const take = async () => stateOf(HEADER.base, { rows: rows() });
    const stuck = await serving({ server: { answerWithinMs: 10, supply: { take } } });
    const other = await serving();
    let nowMs = 0;
    const clock = { ...systemClock, monotonicMs: () => (nowMs += 400) };
    const jumping = {
      ...clock,
      after: (_: number, then: () => void) => systemClock.after(1, then),
    };
    await fetchAndCheck(wiped.source({ clock: jumping, makingTimeoutMs: 2_000 }));
    expect(stuck.requests.length).toBeGreaterThan(3);
    expect(ranges(other).length).toBeGreaterThan(0);
  });

  it('waits as long as one that is being made gets on', async () => {
    let next = () => {};
    const rows = async function* () {
      for (const one of ROWS) {
        yield [one];
        await new Promise<void>((resolve) => {
          next = resolve;
        });
      }
    };
    const take = async () => stateOf(HEADER.base, { rows: rows() });
    const member = await serving({ server: { answerWithinMs: 1, supply: { take } } });
    let asked = 0;
    member.intercept = async ({ path }) => {
      if (!path.endsWith('latest')) return;
      asked++;
      const { making } = member.snapshots;
      const before = making?.rows;
      // A block more, if not the last.
      await eventually('it gets on', () => {
        next();
        return member.snapshots.making?.rows !== before || making === undefined;
      });
    };
    let nowMs = 0;
    const clock = { ...systemClock, monotonicMs: () => (nowMs += 100) };
    const jumping = {
      ...clock,
      after: (_: number, then: () => void) => systemClock.after(1, then),
    };
    await fetchAndCheck(wiped.source({ clock: jumping, makingTimeoutMs: 500 }));
    expect(asked).toBeGreaterThan(8);
  });

  it('takes in no more in a second than it may', async () => {
    await serving();
    let nowMs = 0;
    const clock = {
      ...systemClock,
      monotonicMs: () => nowMs,
      after: (delayMs: number, then: () => void) => {
        nowMs += delayMs;
        return systemClock.afterInput(then);
      },
    };
    await fetchAndCheck(wiped.source({ clock, maxBytesPerSecond: 1_000_000 }));
    expect(nowMs).toBeGreaterThan(SNAPSHOT.bytes.byteLength / 1_000 - 500);
  });

  it.each<[string, object, string]>([
    ['another cluster', { clusterId: 'd' }, 'of cluster "c", not of group 0 of cluster "d"'],
    ['another application', { application: { name: 'b', version: 1 } }, 'a state of "app"'],
    ['a later version', { application: { name: 'app', version: 0 } }, 'to that version'],
  ])('takes no state of %s', async (_what, options, text) => {
    await serving();
    await expect(fetchFrom(wiped.source(options))).rejects.toMatchObject({
      code: 'SNAPSHOT_FAILED',
      message: expect.stringContaining(text),
    });
    expect(await wiped.installed()).toBe(0);
  });

  it('goes to another member where too many read', async () => {
    const busy = await serving({ server: { maxReaders: 1 } });
    await (await fetchFrom(wiped.source()))[Symbol.asyncDispose]();
    const other = await serving();
    await using client = new HttpClient();
    const path = `${snapshotsPath(HEADER.clusterId)}/${SNAPSHOT.manifest.id}`;
    // Takes nothing of what it asked for.
    await using _reader = await client.request(busy.address, { path });
    busy.requests.length = 0;
    await fetchAndCheck(wiped.source());
    expect(ranges(busy).length).toBe(1);
    expect(firstBytes(other)).toContain(SNAPSHOT.ends[0]);
  });

  it('says that nobody has an http endpoint', async () => {
    await expect(fetchFrom(wiped.source())).rejects.toThrow('no other member has an http endpoint');
  });

  it('tells what its own disk reports, and asks nobody else then', async () => {
    const [one, other] = [await serving(), await serving()];
    const full = new Error('the disk is full');
    const receiver = {
      begun: async () => undefined,
      begin: async () => {
        throw full;
      },
      accept: async () => {},
      complete: async () => {
        throw full;
      },
      discard: async () => {},
    };
    await expect(fetchFrom(wiped.source({ receiver }))).rejects.toBe(full);
    expect([one.requests.length, other.requests.length]).toEqual([1, 0]);
  });
});
