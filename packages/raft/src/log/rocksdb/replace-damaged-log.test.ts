import { cp, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMPTY_HARD_STATE, EntryType } from '../../core/log/entry.js';
import { EMPTY_BASE } from '../../core/log/log-state.js';
import { putSocket } from '../../rocksdb/put-socket.test.support.js';
import { contentsOf, LogModel, nthShape, writeOf } from './log-model.test.support.js';
import type { RocksLogStoreOptions } from './log-options.js';
import { identifyLog, MAX_DAMAGED_LOGS, setLogAside } from './replace-damaged-log.js';
import { RocksLogStore } from './rocks-log-store.js';
import { flip, forOneWrongByte } from './wrong-byte.test.support.js';

let root: string;
let directory: string;
let reasons: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rocks-log-replacing-'));
  directory = join(root, 'member');
  reasons = [];
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

function openLog(options: Partial<RocksLogStoreOptions> = {}): Promise<RocksLogStore> {
  const onReplaced = (reason: string) => reasons.push(reason);
  return RocksLogStore.open({ directory, clusterId: 'c', memberId: 1, onReplaced, ...options });
}

const replacing = { onDamage: 'replace' } as const;
const vote = { term: 5, votedFor: 3, commit: 2, recovery: 0 };

const entry = (index: number) => ({
  index,
  term: 5,
  type: EntryType.Command,
  data: Buffer.from(`entry ${index}`),
});

async function writeSome(): Promise<void> {
  await using store = await openLog();
  await store.write({ hardState: vote, entries: [entry(1), entry(2), entry(3)] });
}

async function damagedLogs(): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.startsWith('log.damaged-')).sort();
}

async function logFile(start: string, ending: string): Promise<string> {
  const names = await readdir(join(directory, 'log'));
  const name = names.find((one) => one.startsWith(start) && one.endsWith(ending));
  if (name === undefined) throw new Error(`no file ${start}*${ending} in ${names}`);
  return join(directory, 'log', name);
}

/** Opens with `replacing`; what it begins with is empty, and goes on like any other log. */
async function expectReplaced(known: { term: number; votedFor: number }): Promise<number> {
  let recovery: number;
  {
    await using store = await openLog(replacing);
    ({ recovery } = store.initial.hardState);
    expect(recovery).toBeGreaterThan(0);
    expect(recovery).toBeLessThan(2 ** 48);
    expect(store.initial).toEqual({
      hardState: { ...known, commit: 0, recovery },
      base: EMPTY_BASE,
      lastIndex: 0,
      termRuns: [],
      sizes: [],
      membershipEntries: [],
    });
    expect(reasons).toHaveLength(1);
    await store.write({ entries: [entry(1)] });
  }
  await using again = await openLog(replacing);
  expect(again.initial).toMatchObject({ hardState: { ...known, recovery }, lastIndex: 1 });
  expect(reasons).toHaveLength(1);
  return recovery;
}

describe('a damaged log that may be replaced', () => {
  beforeEach(writeSome);

  const damages: readonly [string, () => Promise<void>][] = [
    ['has a wrong byte', async () => flip(await logFile('0', '.log'), 20)],
    ['was cut', async () => truncate(await logFile('0', '.log'), 0)],
    ['is gone', () => rm(join(directory, 'log'), { recursive: true })],
    ['lacks CURRENT', async () => rm(await logFile('CURRENT', ''))],
    ['lacks its catalogue', async () => rm(await logFile('MANIFEST', ''))],
    ['has a damaged catalogue', async () => flip(await logFile('MANIFEST', ''), 20)],
  ];

  it.each(damages)('because it %s begins anew, with its term and vote', async (_what, damage) => {
    await damage();
    const copy = join(root, 'copy');
    await cp(directory, copy, { recursive: true });
    const refused = openLog({ directory: copy });
    await expect(refused).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    expect((await readdir(copy)).filter((name) => name.startsWith('log.'))).toEqual([]);
    await expectReplaced({ term: 5, votedFor: 3 });
    expect(reasons[0]).toMatch(/log\.damaged-1$/);
    expect(await damagedLogs()).toEqual(['log.damaged-1']);
  });

  it('because it is of an earlier time begins anew', async () => {
    await cp(join(directory, 'log'), join(root, 'earlier'), { recursive: true });
    {
      await using store = await openLog();
      await store.write({ entries: [entry(4)] });
    }
    await rm(join(directory, 'log'), { recursive: true });
    await cp(join(root, 'earlier'), join(directory, 'log'), { recursive: true });
    await expectReplaced({ term: 5, votedFor: 3 });
    expect(reasons[0]).toContain('entries up to 4 were acknowledged');
  });

  it.each([
    ['is missing', () => rm(join(directory, 'mark'))],
    ['is empty', () => truncate(join(directory, 'mark'), 0)],
  ])('begins anew without term and vote when the mark %s', async (_what, damage) => {
    await damage();
    await expectReplaced({ term: 0, votedFor: 0 });
    expect(reasons[0]).toContain('mark');
    expect(await damagedLogs()).toEqual(['log.damaged-1']);
  });

  it('keeps a bounded number of damaged ones, the newest', async () => {
    const recoveries = new Set<number>();
    for (let i = 1; i <= MAX_DAMAGED_LOGS + 2; i++) {
      await rm(await logFile('CURRENT', ''));
      await using store = await openLog(replacing);
      recoveries.add(store.initial.hardState.recovery);
      await store.write({ entries: [entry(1)] });
    }
    expect(await damagedLogs()).toEqual(['log.damaged-3', 'log.damaged-4', 'log.damaged-5']);
    expect(reasons).toHaveLength(MAX_DAMAGED_LOGS + 2);
    expect(recoveries.size).toBe(MAX_DAMAGED_LOGS + 2);
  });

  it('is not taken for a whole one when replacing it was interrupted', async () => {
    const { hardState } = await setLogAside(directory, await identifyLog(directory));
    expect(hardState).toMatchObject({ term: 5, votedFor: 3 });
    await expect(openLog()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    const recovery = await expectReplaced({ term: 5, votedFor: 3 });
    expect(recovery).not.toBe(hardState.recovery);
  });

  it('is not taken for a whole one though its recovery is all that it lacks', async () => {
    await rm(join(directory, 'mark'));
    await (await openLog(replacing)).close();
    await rm(join(directory, 'log'), { recursive: true });
    await expect(openLog()).rejects.toThrow('recovery');
  });

  it('is whole again once the recovery is over', async () => {
    await rm(join(directory, 'mark'));
    {
      await using store = await openLog(replacing);
      await store.write({ hardState: { ...vote, recovery: 0 }, entries: [entry(1)] });
    }
    await using store = await openLog();
    expect(store.initial).toMatchObject({ hardState: vote, lastIndex: 1 });
  });
});

describe('what is not replaced', () => {
  beforeEach(writeSome);

  async function expectUntouched(code: string, options: Partial<RocksLogStoreOptions> = {}) {
    await expect(openLog({ ...replacing, ...options })).rejects.toMatchObject({ code });
    expect(await damagedLogs()).toEqual([]);
    expect(reasons).toEqual([]);
  }

  it('is a whole log', async () => {
    await using store = await openLog(replacing);
    expect(store.initial).toMatchObject({ hardState: vote, lastIndex: 3 });
    expect(reasons).toEqual([]);
  });

  it('is a directory that was never used', async () => {
    await rm(directory, { recursive: true });
    await using store = await openLog(replacing);
    expect(store.initial.hardState).toEqual(EMPTY_HARD_STATE);
    expect(reasons).toEqual([]);
  });

  it.each([{ clusterId: 'other' }, { memberId: 2 }])("is somebody else's: %o", async (other) => {
    await rm(await logFile('CURRENT', ''));
    await expectUntouched('LOG_FOREIGN', other);
  });

  it('is a directory of which nobody knows whose it is', async () => {
    await rm(await logFile('CURRENT', ''));
    await writeFile(join(directory, 'identity'), '{"format"');
    await expectUntouched('LOG_CORRUPT');
    await rm(join(directory, 'identity'));
    await expectUntouched('LOG_CORRUPT');
  });

  it('is one that another process has replaced meanwhile', async () => {
    await rm(await logFile('CURRENT', ''));
    const seen = await identifyLog(directory);
    await using store = await openLog(replacing);
    await expect(setLogAside(directory, seen)).rejects.toMatchObject({ code: 'LOG_LOCKED' });
    await store.write({ entries: [entry(1)] });
    expect(await damagedLogs()).toEqual(['log.damaged-1']);
  });

  it('is a log in use', async () => {
    await using store = await openLog();
    await rm(join(directory, 'mark'));
    await expectUntouched('LOG_LOCKED');
    await store.write({ entries: [entry(4)] });
  });
});

describe('one wrong byte anywhere', () => {
  it('is harmless, or leads to a log that begins anew', async () => {
    const model = new LogModel();
    let writes = 0;
    for (let life = 0; life < 3; life++) {
      await using store = await openLog();
      for (let i = 0; i < 40; i++) {
        const write = writeOf(nthShape(writes++), model);
        model.apply(write);
        await store.write(write);
      }
    }
    const copy = join(root, 'copy');
    await forOneWrongByte(directory, copy, 30, async (file) => {
      reasons = [];
      const opened = await openLog({ ...replacing, directory: copy }).catch((error) => error);
      if (!(opened instanceof RocksLogStore)) {
        expect(file).toBe('identity');
        expect(opened).toMatchObject({ code: 'LOG_CORRUPT' });
        return;
      }
      await using store = opened;
      if (reasons.length === 0) expect(await contentsOf(store)).toBe(model.contents());
      else expect(store.initial.hardState.recovery).toBeGreaterThan(0);
    });
  });
});

describe('a log that was found damaged while it was in use', () => {
  it('is replaced though opening finds nothing wrong', async () => {
    await writeSome();
    await using store = await openLog({ ...replacing, knownDamage: 'a compaction met it' });
    expect(store.initial).toMatchObject({ lastIndex: 0, hardState: { term: 5, votedFor: 3 } });
    expect(store.initial.hardState.recovery).toBeGreaterThan(0);
    expect(reasons).toEqual([expect.stringContaining('a compaction met it')]);
    expect(await damagedLogs()).toEqual(['log.damaged-1']);
  });

  it('is LOG_CORRUPT to the writes that cannot be compacted any more', async () => {
    const options = { memtableBudgetBytes: 1024 * 1024 };
    const large = (index: number) => ({ ...entry(index), data: Buffer.alloc(100_000) });
    {
      await using store = await openLog(options);
      await store.write({ hardState: vote, entries: [large(1)] });
    }
    // Opening moves what was written to a table.
    await using store = await openLog(options);
    const table = await logFile('', '.sst');
    await writeFile(table, Buffer.alloc(90_000, 1), { flag: 'r+' });
    const writes = async () => {
      for (let index = 2; ; index++) {
        await store.write({ hardState: { ...vote, commit: index }, entries: [large(index)] });
      }
    };
    await expect(writes()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });
});

describe('a directory that was open a moment ago', () => {
  it('is not made anew when it has gone, or lost its identity', async () => {
    const existing = { ...replacing, existing: true };
    await expect(openLog(existing)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    await expect(readdir(directory)).rejects.toThrow('ENOENT');
    await writeSome();
    await (await openLog(existing)).close();
    await rm(join(directory, 'identity'));
    await expect(openLog(existing)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    expect(await readdir(directory)).toEqual(['log', 'mark']);
  });
});

describe('a directory in the place of the mark', () => {
  it('is damage like any other', async () => {
    await writeSome();
    await rm(join(directory, 'mark'));
    await mkdir(join(directory, 'mark', 'more'), { recursive: true });
    await expectReplaced({ term: 0, votedFor: 0 });
  });
});

describe('a socket in the place of the mark', () => {
  it('is damage like any other', async () => {
    await writeSome();
    await putSocket(join(directory, 'mark'));
    await expectReplaced({ term: 0, votedFor: 0 });
  });
});
