import { HttpClient, systemClock } from '@raft-ts/net';
import { eventually } from '@raft-ts/net/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HEADER, headerAt, largeRows, snapshotOf } from './snapshot.test.support.js';
import { encodeManifest } from './snapshot-block.js';
import {
  type ServingMember,
  type ServingOptions,
  SnapshotMembers,
} from './snapshot-members.test.support.js';
import { snapshotsPath } from './snapshot-paths.js';
import { stateOf } from './snapshot-state.js';

let members: SnapshotMembers;
let client: HttpClient;
const ROWS = largeRows(7, 3);
const SNAPSHOT = snapshotOf(headerAt(7), ROWS);
/** Longer than a limit makes anybody wait here. */
const LONGEST_MS = 10_000_000;
const PATH = snapshotsPath(HEADER.clusterId);

beforeEach(async () => {
  members = await SnapshotMembers.create();
  client = new HttpClient({ maxBodyBytes: 8 * 1024 * 1024 });
});

afterEach(async () => {
  await client.close();
  await members.remove();
});

async function serving(options: ServingOptions = {}): Promise<ServingMember> {
  const member = await members.add(options);
  member.rows = ROWS;
  return member;
}

async function get(
  member: ServingMember,
  path: string,
  headers = {},
  method: 'GET' | 'HEAD' | 'PUT' = 'GET',
) {
  const answer = await client.request(member.address, { method, path, headers });
  return { status: answer.status, headers: answer.headers, body: await answer.body() };
}

const codeOf = ({ body }: { readonly body: Buffer }) => JSON.parse(body.toString()).code;

describe('a server of snapshots', () => {
  it('makes one when it is asked, once, and gives its manifest', async () => {
    const member = await serving();
    const answers = await Promise.all([1, 2, 3].map(() => get(member, `${PATH}/latest?index=7`)));
    for (const { status, headers, body } of answers) {
      expect(status).toBe(200);
      expect(headers.etag).toBe(`"${SNAPSHOT.manifest.id}"`);
      expect(body).toEqual(encodeManifest(SNAPSHOT.manifest));
    }
    await get(member, `${PATH}/latest`);
    expect(member.keeper?.snapshots).toHaveLength(1);
    expect(await get(member, `${PATH}/${SNAPSHOT.manifest.id}/manifest`)).toMatchObject({
      status: 200,
    });
  });

  it('makes one though several states were taken for it at once', async () => {
    let taken = 0;
    let released = 0;
    let goOn = () => {};
    const all = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const rows = async function* () {
      yield ROWS;
    };
    const take = async () => {
      if (++taken === 3) goOn();
      await all;
      return stateOf(HEADER.base, { rows: rows() }, () => {
        released++;
      });
    };
    const member = await serving({ server: { supply: { take } } });
    const answers = await Promise.all([1, 2, 3].map(() => get(member, `${PATH}/latest`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await eventually('all are released', () => released === 3);
    expect(member.keeper?.snapshots).toHaveLength(1);
  });

  it('writes and sends no more in a second than it may, and is never silent for long', async () => {
    let nowMs = 0;
    let longestMs = 0;
    const clock = {
      ...systemClock,
      monotonicMs: () => nowMs,
      after: (delayMs: number, then: () => void) => {
        // What bounds the wait for a snapshot does not count.
        if (delayMs === LONGEST_MS) return () => {};
        nowMs += delayMs;
        longestMs = Math.max(longestMs, delayMs);
        return systemClock.afterInput(then);
      },
    };
    const limits = { maxWrittenBytesPerSecond: 1_000_000, maxSentBytesPerSecond: 500_000 };
    const member = await serving({ server: { ...limits, clock, answerWithinMs: LONGEST_MS } });
    await get(member, `${PATH}/latest`);
    const length = SNAPSHOT.bytes.byteLength;
    // The last one that has its turn does not wait for its own end.
    expect(nowMs).toBeGreaterThan((length - 1_500_000) / 1_000);
    const writtenMs = nowMs;
    longestMs = 0;
    await get(member, `${PATH}/${SNAPSHOT.manifest.id}`);
    expect(nowMs - writtenMs).toBeGreaterThan((length - 500_000) / 500);
    expect(longestMs).toBeLessThan(101);
  });

  it('gives all of it, or a range', async () => {
    const member = await serving();
    await get(member, `${PATH}/latest`);
    const path = `${PATH}/${SNAPSHOT.manifest.id}`;
    const whole = await get(member, path);
    expect(whole.status).toBe(200);
    expect(whole.body.equals(SNAPSHOT.bytes)).toBe(true);
    const etag = whole.headers.etag ?? '';
    const part = await get(member, path, { range: 'bytes=100000-1100000', 'if-match': etag });
    expect(part.status).toBe(206);
    expect(part.headers['content-range']).toBe(`bytes 100000-1100000/${SNAPSHOT.bytes.byteLength}`);
    expect(part.body.equals(SNAPSHOT.bytes.subarray(100_000, 1_100_001))).toBe(true);
    expect(await get(member, path, { range: 'bytes=99999999-' })).toMatchObject({ status: 416 });
    expect(await get(member, path, { 'if-match': '"other"' })).toMatchObject({ status: 412 });
    const head = await get(member, path, {}, 'HEAD');
    expect(head.headers['content-length']).toBe(`${SNAPSHOT.bytes.byteLength}`);
    await eventually('nobody reads any more', () => member.snapshots.readers === 0);
  });

  it('refuses what it can not give', async () => {
    const member = await serving({ server: { answerWithinMs: 1 } });
    const refused = async (path: string, status: number, code: string) => {
      const answer = await get(member, path);
      expect([path, answer.status, codeOf(answer)]).toEqual([path, status, code]);
    };
    await refused('/elsewhere', 404, 'NOT_FOUND');
    await refused('/raft/1/%E0%A4%A/0/snapshots/latest', 404, 'NOT_FOUND');
    await refused(`${snapshotsPath('another')}/latest`, 403, 'SNAPSHOT_FOREIGN');
    await refused(PATH.replace('/0/', '/1/').concat('/latest'), 403, 'SNAPSHOT_FOREIGN');
    await refused(`${PATH}/latest?index=8`, 409, 'SNAPSHOT_BEHIND');
    for (const index of ['-1', 'x', '1.5', '1e99']) {
      await refused(`${PATH}/latest?index=${index}`, 400, 'ARGUMENT_INVALID');
    }
    await refused(`${PATH}/1-2-abc`, 404, 'SNAPSHOT_GONE');
    await refused(`${PATH}/1-2-abc/manifest`, 404, 'SNAPSHOT_GONE');
    expect(await get(member, `${PATH}/latest`, {}, 'PUT')).toMatchObject({ status: 405 });
    expect(member.taken).toBe(0);
  });

  it('waits a little where it is not quite as far as it was asked for', async () => {
    let asked = 0;
    const rows = async function* () {
      yield ROWS;
    };
    const take = async () => {
      if (++asked < 3) return undefined;
      return stateOf(HEADER.base, { rows: rows() });
    };
    const member = await serving({ server: { supply: { take }, answerWithinMs: LONGEST_MS } });
    expect((await get(member, `${PATH}/latest?index=7`)).status).toBe(200);
    expect(asked).toBe(3);
  });

  it('reads one that is doubted once for all who doubt it, and gives none meanwhile', async () => {
    const member = await serving({ server: { answerWithinMs: 10 } });
    await get(member, `${PATH}/latest`);
    await eventually('it is made', () => member.keeper?.latest(7) !== undefined);
    let goOn = () => {};
    let checks = 0;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    Object.assign(member.keeper ?? {}, {
      check: async () => {
        checks++;
        await held;
      },
    });
    const path = `${PATH}/latest?doubted=${SNAPSHOT.manifest.id}`;
    const answers = await Promise.all([1, 2, 3].map(() => get(member, path)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(checks).toBe(1);
    goOn();
    await held;
    expect((await get(member, path)).status).toBe(200);
  });

  it('gives nobody one that is doubted until it was looked at, however long that takes', async () => {
    const member = await serving({ server: { answerWithinMs: 10 } });
    await get(member, `${PATH}/latest`);
    await eventually('it is made', () => member.keeper?.latest(7) !== undefined);
    let checks = 0;
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    Object.assign(member.keeper ?? {}, {
      check: (_id: string, _signal: AbortSignal, progress: (at: object) => void) => {
        checks++;
        progress({ rows: 3, offset: 1_000 });
        return held;
      },
    });
    const path = `${PATH}/latest`;
    expect((await get(member, `${path}?doubted=${SNAPSHOT.manifest.id}`)).status).toBe(202);
    const looking = await get(member, path);
    expect(looking.status).toBe(202);
    expect(JSON.parse(looking.body.toString())).toEqual({ index: 7, rows: 3, bytes: 1_000 });
    goOn();
    await held;
    expect((await get(member, path)).status).toBe(200);
    expect(checks).toBe(1);
  });

  it('says how far it is while it makes one, and makes a later one when that is needed', async () => {
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const rows = async function* () {
      yield ROWS;
      await held;
    };
    let index = 7;
    const take = async () => stateOf({ ...HEADER.base, index }, { rows: rows() });
    const member = await serving({ server: { answerWithinMs: 20, supply: { take } } });
    const path = `${PATH}/latest?index=7`;
    expect(await get(member, path)).toMatchObject({ status: 202, headers: { 'retry-after': '1' } });
    await eventually('blocks are written', () => member.snapshots.making?.rows === 6);
    const first = await get(member, path);
    expect(JSON.parse(first.body.toString())).toMatchObject({ index: 7, rows: 6 });
    index = 9;
    expect((await get(member, `${PATH}/latest?index=9`)).status).toBe(202);
    goOn();
    await eventually('it is made', () => member.snapshots.making === undefined);
    expect((await get(member, `${PATH}/latest?index=9`)).status).not.toBe(409);
    await eventually('the later one is made', () => member.keeper?.snapshots.length === 2);
    expect(member.keeper?.latest(0)?.header.base.index).toBe(9);
  });

  it('tells whoever asks that one could not be made, and tries again', async () => {
    let fails = true;
    const rows = async function* () {
      if (fails) throw new Error('the disk is full');
      yield ROWS;
    };
    const take = async () => stateOf(HEADER.base, { rows: rows() });
    const member = await serving({ server: { supply: { take } } });
    const failed = await get(member, `${PATH}/latest`);
    expect(failed).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(failed.body.toString()).toContain('the disk is full');
    fails = false;
    expect((await get(member, `${PATH}/latest`)).status).toBe(200);
  });

  it('lets so many read at a time', async () => {
    const member = await serving({ server: { maxReaders: 1 } });
    member.rows = largeRows(30, 1);
    await get(member, `${PATH}/latest`);
    await eventually('it is made', () => member.keeper?.latest(7) !== undefined);
    const path = `${PATH}/${member.keeper?.latest(7)?.id}`;
    const slow = await client.request(member.address, { path });
    const busy = await get(member, path);
    expect([busy.status, codeOf(busy)]).toEqual([503, 'SNAPSHOT_BUSY']);
    await slow[Symbol.asyncDispose]();
    await eventually('it is given up', () => member.snapshots.readers === 0);
    expect((await get(member, path, { range: 'bytes=0-9' })).status).toBe(206);
  });

  it('lets no more read though several come at once', async () => {
    const member = await serving({ server: { maxReaders: 1 } });
    member.rows = largeRows(30, 1);
    await get(member, `${PATH}/latest`);
    await eventually('it is made', () => member.keeper?.latest(7) !== undefined);
    const { keeper } = member;
    const path = `${PATH}/${keeper?.latest(7)?.id}`;
    const read = keeper?.read.bind(keeper);
    let opening = 0;
    const slowly = async (id: string) => {
      opening++;
      await eventually('all have come', () => member.requests.length >= 4);
      return await read?.(id);
    };
    Object.assign(keeper ?? {}, { read: slowly });
    const answers = await Promise.all(
      [1, 2, 3].map(() => client.request(member.address, { path })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 503, 503]);
    expect(opening).toBe(1);
    for (const answer of answers) await answer[Symbol.asyncDispose]();
    await eventually('nobody reads any more', () => member.snapshots.readers === 0);
  });

  it('ends what it makes when it is closed', async () => {
    let ended = 0;
    const rows = async function* () {
      for (;;) {
        yield ROWS;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const release = () => {
      ended++;
    };
    const take = async () => stateOf(HEADER.base, { rows: rows() }, release);
    const member = await serving({ server: { answerWithinMs: 1, supply: { take } } });
    expect((await get(member, `${PATH}/latest`)).status).toBe(202);
    await member.snapshots.close();
    expect(ended).toBe(1);
    expect(member.snapshots.making).toBeUndefined();
  });
});
