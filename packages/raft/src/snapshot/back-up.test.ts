import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backUp, type FileBackupOptions, streamBackup } from './back-up.js';
import type { SnapshotFetchProgress } from './http-snapshot-source.js';
import { HEADER, headerAt, largeRows, snapshotOf } from './snapshot.test.support.js';
import { checkSnapshotFile } from './snapshot-file.js';
import { type ServingMember, SnapshotMembers } from './snapshot-members.test.support.js';

const { signal: never } = new AbortController();
const ROWS = largeRows(80, 4);
const { bytes: SNAPSHOT, manifest: MANIFEST } = snapshotOf(headerAt(7), ROWS);

let members: SnapshotMembers;
let first: ServingMember;
let second: ServingMember;

beforeEach(async () => {
  members = await SnapshotMembers.create();
  [first, second] = [await members.add(), await members.add()];
  for (const member of [first, second]) member.rows = ROWS;
});

afterEach(() => members.remove());

const backup = () => join(members.directory, 'backup');
const options = (more: Partial<FileBackupOptions> = {}): FileBackupOptions => ({
  clusterId: HEADER.clusterId,
  application: HEADER.application,
  peers: members.peers,
  index: 7,
  ...more,
});
const isBackup = async (bytes: Buffer) => (await readFile(backup())).equals(bytes);
const files = async () =>
  (await readdir(members.directory)).filter((name) => !name.startsWith('member'));

/** Lets the first `ranges` of a member's through, and then calls `then`. */
function after(ranges: number, member: ServingMember, then: () => Promise<void>): void {
  let sent = 0;
  member.intercept = async ({ headers }) => {
    if (headers.range === undefined || sent++ < ranges) return;
    await then();
    throw new Error('this member is gone');
  };
}

describe('a backup', () => {
  it('is a snapshot of a follower, byte for byte, and tells how it gets on', async () => {
    const told: SnapshotFetchProgress[] = [];
    const progress = (each: SnapshotFetchProgress) => told.push(each);
    const manifest = await backUp(backup(), options({ leader: 1, progress }), never);
    expect(manifest.id).toBe(MANIFEST.id);
    expect(await isBackup(SNAPSHOT)).toBe(true);
    expect(first.requests).toEqual([]);
    expect(await files()).toEqual(['backup']);
    expect(told.at(-1)).toMatchObject({ from: 2, phase: 'pulling', rows: 80, totalRows: 80 });
  });

  it('is taken from the leader where no follower can', async () => {
    await second.stop();
    await backUp(backup(), options({ leader: 1 }), never);
    expect((await checkSnapshotFile(backup())).id).toBe(MANIFEST.id);
  });

  it('holds what was committed when it was asked for', async () => {
    const failing = backUp(backup(), options({ index: 8 }), never);
    await expect(failing).rejects.toMatchObject({ code: 'SNAPSHOT_FAILED' });
    expect(await files()).toEqual([]);
  });

  it('goes on at another member that has the same bytes', async () => {
    after(1, second, async () => {});
    await backUp(backup(), options({ leader: 1 }), never);
    expect(await isBackup(SNAPSHOT)).toBe(true);
    const [, range = ''] = /bytes=(\d+)/.exec(first.requests.at(-1) ?? '') ?? [];
    expect(Number(range)).toBeGreaterThan(1_000_000);
  });

  it('begins anew with another state where nobody has the same one any more', async () => {
    const rows = largeRows(30, 4);
    after(1, second, async () => {
      first.rows = rows;
      first.index = 8;
    });
    const manifest = await backUp(backup(), options({ leader: 1 }), never);
    expect(manifest.id).toBe(snapshotOf(headerAt(8), rows).manifest.id);
    expect(await isBackup(snapshotOf(headerAt(8), rows).bytes)).toBe(true);
  });

  it('that was given up leaves nothing', async () => {
    const giveUp = new AbortController();
    after(1, second, async () => giveUp.abort(new Error('enough')));
    await expect(backUp(backup(), options({ leader: 1 }), giveUp.signal)).rejects.toThrow('enough');
    expect(await files()).toEqual([]);
  });

  it('takes the place of no file, unless it may', async () => {
    await writeFile(backup(), 'former');
    const refused = expect.objectContaining({ code: 'BACKUP_EXISTS' });
    await expect(backUp(backup(), options(), never)).rejects.toEqual(refused);
    expect(first.requests).toEqual([]);
    expect(await readFile(backup(), 'utf8')).toBe('former');
    await backUp(backup(), options({ overwrite: true }), never);
    expect(await isBackup(SNAPSHOT)).toBe(true);
    await rm(backup());
    after(1, second, () => writeFile(backup(), 'another'));
    await expect(backUp(backup(), options({ leader: 1 }), never)).rejects.toEqual(refused);
    expect(await readFile(backup(), 'utf8')).toBe('another');
    expect(await files()).toEqual(['backup']);
  });

  it('takes the place of nothing but a file', async () => {
    await mkdir(backup());
    const refused = expect.objectContaining({ code: 'OPTIONS_INVALID' });
    const backing = backUp(backup(), options({ overwrite: true }), never);
    await expect(backing).rejects.toEqual(refused);
    expect(first.requests).toEqual([]);
    expect(await files()).toEqual(['backup']);
  });

  it('takes the place of the file to which a link leads, and leaves the link', async () => {
    const elsewhere = join(members.directory, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'monday'), 'former');
    await symlink('elsewhere/monday', backup());
    const refused = expect.objectContaining({ code: 'BACKUP_EXISTS' });
    await expect(backUp(backup(), options(), never)).rejects.toEqual(refused);
    await backUp(backup(), options({ overwrite: true }), never);
    expect(await readlink(backup())).toBe('elsewhere/monday');
    expect(await isBackup(SNAPSHOT)).toBe(true);
    expect(await readdir(elsewhere)).toEqual(['monday']);
  });

  it('takes the place of no link that leads nowhere', async () => {
    await symlink('nowhere', backup());
    const leadsNowhere = { code: 'OPTIONS_INVALID', message: expect.stringContaining('nowhere') };
    for (const overwrite of [false, true]) {
      const backing = backUp(backup(), options({ overwrite }), never);
      await expect(backing).rejects.toMatchObject(leadsNowhere);
    }
    expect(await readlink(backup())).toBe('nowhere');
    expect(await files()).toEqual(['backup']);
  });

  it('that fails to replace a file leaves that one', async () => {
    await writeFile(backup(), 'former');
    for (const member of [first, second]) after(1, member, async () => {});
    const failing = backUp(backup(), options({ overwrite: true }), never);
    await expect(failing).rejects.toMatchObject({ code: 'SNAPSHOT_FAILED' });
    expect(await readFile(backup(), 'utf8')).toBe('former');
    expect(await files()).toEqual(['backup']);
  });

  it('of another cluster or application is none', async () => {
    const name = { ...HEADER.application, name: 'another' };
    for (const wrong of [{ clusterId: 'another' }, { application: name }]) {
      const failing = backUp(backup(), options(wrong), never);
      await expect(failing).rejects.toMatchObject({ code: 'SNAPSHOT_FAILED' });
    }
    expect(await files()).toEqual([]);
  });
});

describe('a backup into a stream', () => {
  it('has the same bytes, also when it goes on elsewhere', async () => {
    after(1, second, async () => {});
    const written: Buffer[] = [];
    const write = async (bytes: Buffer) => void written.push(Buffer.from(bytes));
    await streamBackup(write, options({ leader: 1 }), never);
    expect(Buffer.concat(written).equals(SNAPSHOT)).toBe(true);
  });

  it('says so where it can not go on', async () => {
    after(1, second, async () => {
      first.index = 8;
    });
    const failing = streamBackup(async () => {}, options({ leader: 1 }), never);
    await expect(failing).rejects.toMatchObject({
      code: 'SNAPSHOT_FAILED',
      message: expect.stringContaining('make the backup again'),
    });
  });

  it('ends with what writing it fails with', async () => {
    const written = join(members.directory, 'written');
    const write = async (bytes: Buffer) => {
      await appendFile(written, bytes);
      if ((await readFile(written)).byteLength > 2_000_000) throw new Error('nobody reads');
    };
    await expect(streamBackup(write, options(), never)).rejects.toThrow('nobody reads');
  });

  it('ends when it is told to, though whoever reads takes nothing any more', async () => {
    const ending = new AbortController();
    const reason = new Error('interrupted');
    let hangs = () => {};
    const hanging = new Promise<void>((resolve) => {
      hangs = resolve;
    });
    const write = () => {
      hangs();
      return new Promise<void>(() => {});
    };
    const streaming = streamBackup(write, options(), ending.signal);
    await hanging;
    ending.abort(reason);
    await expect(streaming).rejects.toBe(reason);
  });
});
