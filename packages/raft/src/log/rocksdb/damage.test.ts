import {
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EntryType } from '../../core/log/entry.js';
import type { LogState } from '../../core/log/log-state.js';
import { EMPTY_MEMBERSHIP } from '../../core/membership/membership.js';
import { RaftError } from '../../errors.js';
import { RocksDatabase } from '../../rocksdb/database.js';
import { BASE_KEY, entryKey, HARD_STATE_KEY } from '../durable/layout.js';
import { contentsOf, LogModel, nthShape, writeOf } from './log-model.test.support.js';
import { RocksLogStore } from './rocks-log-store.js';
import { flip, forOneWrongByte } from './wrong-byte.test.support.js';

let root: string;
let directory: string;
let model: LogModel;
let writes: number;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rocks-log-damage-'));
  directory = join(root, 'member');
  model = new LogModel();
  writes = 0;
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

function openLog(path = directory): Promise<RocksLogStore> {
  return RocksLogStore.open({ directory: path, clusterId: 'c', memberId: 1 });
}

/** Opens the log, writes some more of the fixed sequence, one write at a time, and closes it. */
async function writeMore(count: number): Promise<void> {
  await using store = await openLog();
  for (let i = 0; i < count; i++) {
    const write = writeOf(nthShape(writes++), model);
    model.apply(write);
    await store.write(write);
  }
}

async function filesEndingWith(ending: string): Promise<string[]> {
  const names = await readdir(join(directory, 'log'));
  return names.filter((name) => name.endsWith(ending)).map((name) => join(directory, 'log', name));
}

async function largest(ending: string): Promise<string> {
  const files = await filesEndingWith(ending);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const found = files[sizes.indexOf(Math.max(...sizes))];
  if (found === undefined) throw new Error(`no file ends with ${ending}`);
  return found;
}

async function expectDamaged(what: RegExp): Promise<void> {
  const error = await openLog().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RaftError);
  expect(error).toMatchObject({ code: 'LOG_CORRUPT' });
  expect(String(error)).toMatch(what);
  expect(String(error)).toContain('must not take part');
}

async function expectIdentityLost(how: RegExp): Promise<void> {
  const message = expect.stringMatching(how);
  await expect(openLog()).rejects.toMatchObject({ code: 'LOG_CORRUPT', message });
}

async function expectUnharmed(): Promise<LogState> {
  await using store = await openLog();
  expect(await contentsOf(store)).toBe(model.contents());
  return store.initial;
}

describe('a write-ahead log', () => {
  beforeEach(() => writeMore(58));

  it('is whole after a clean end', async () => {
    await expectUnharmed();
    await expectUnharmed();
  });

  it('with a wrong byte in the middle is not taken for a torn tail', async () => {
    const path = await largest('.log');
    await flip(path, Math.floor((await stat(path)).size / 2));
    await expectDamaged(/ends at entry|hard state has/);
  });

  it('with a wrong byte in the last record has lost something acknowledged', async () => {
    const path = await largest('.log');
    await flip(path, (await stat(path)).size - 2);
    await expectDamaged(/ends at entry|hard state has/);
  });

  it.each([0, 1, 1000])('that was cut at %s bytes has lost something', async (size) => {
    await truncate(await largest('.log'), size);
    await expectDamaged(/ends at entry|hard state has/);
  });

  it('that lost its end has lost something', async () => {
    const path = await largest('.log');
    await truncate(path, (await stat(path)).size - 1);
    await expectDamaged(/ends at entry|hard state has/);
  });

  it('that is gone has lost everything', async () => {
    await rm(await largest('.log'));
    await expectDamaged(/ends at entry 0/);
  });

  it('with a torn record behind the acknowledged ones is cut, and goes on', async () => {
    const path = await largest('.log');
    const file = await open(path, 'a');
    await file.write(Buffer.alloc(300, 0xa5));
    await file.close();
    await expectUnharmed();
    await writeMore(20);
    await expectUnharmed();
  });
});

describe('data files', () => {
  beforeEach(async () => {
    await writeMore(60);
    await writeMore(60);
    await writeMore(10);
  });

  it('that are missing are noticed', async () => {
    await rm(await largest('.sst'));
    await expectDamaged(/sst/);
  });

  it('with a wrong byte are noticed', async () => {
    await flip(await largest('.sst'), 200);
    await expectDamaged(/checksum/);
  });

  it('that RocksDB no longer knows of are noticed', async () => {
    await rm(join(directory, 'log', 'CURRENT'));
    await expectDamaged(/CURRENT|new Db/);
  });

  it('with a damaged catalogue are noticed', async () => {
    // An older catalogue may still be there.
    const name = await readFile(join(directory, 'log', 'CURRENT'), 'utf8');
    await flip(join(directory, 'log', name.trim()), 20);
    await expectDamaged(/./);
  });

  it('of an earlier time are noticed', async () => {
    await cp(join(directory, 'log'), join(root, 'earlier'), { recursive: true });
    await writeMore(5);
    await rm(join(directory, 'log'), { recursive: true });
    await cp(join(root, 'earlier'), join(directory, 'log'), { recursive: true });
    await expectDamaged(/ends at entry|hard state has/);
  });

  it('that are all gone are noticed', async () => {
    await rm(join(directory, 'log'), { recursive: true });
    await expectDamaged(/ends at entry 0/);
  });
});

describe('the front of a log', () => {
  /** Changes rows behind the log's back. */
  async function tamper(change: (database: RocksDatabase) => void): Promise<void> {
    await using database = await RocksDatabase.open({ directory: join(directory, 'log') });
    change(database);
  }

  async function compactTo(index: number): Promise<void> {
    await using store = await openLog();
    const entry = (i: number) => ({ index: i, term: 1, type: EntryType.Command, data: bytes });
    await store.write({ entries: Array.from({ length: 9 }, (_, i) => entry(i + 1)) });
    const base = { index, term: 1, membership: EMPTY_MEMBERSHIP };
    if (index > 0) await store.write({ base, entries: [] });
  }

  const bytes = Buffer.from('bytes');
  const withoutBase = (database: RocksDatabase) => {
    database.deleteRange(BASE_KEY, HARD_STATE_KEY);
  };

  it('that is missing though no base says so is noticed', async () => {
    await compactTo(0);
    await tamper((database) => database.deleteRange(entryKey(1), entryKey(5)));
    await expectDamaged(/entry 1 is missing/);
  });

  it('that is missing behind the base is noticed', async () => {
    await compactTo(4);
    await tamper((database) => database.deleteRange(entryKey(5), entryKey(6)));
    await expectDamaged(/entry 5 is missing/);
  });

  it('is missed when the base is gone', async () => {
    await compactTo(4);
    await tamper(withoutBase);
    await expectDamaged(/entry 1 is missing/);
  });

  it('is missed when the base is gone and stood for everything', async () => {
    await compactTo(9);
    await tamper(withoutBase);
    await expectDamaged(/ends at entry 0/);
  });

  it.each([0, 8, 30])('is nowhere when byte %s of the base is wrong', async (place) => {
    await compactTo(4);
    await tamper((database) => {
      const [base] = database.getManySync([BASE_KEY]);
      if (base === undefined) throw new Error('no base');
      base[place] = (base[place] ?? 0) ^ 1;
      const batch = database.batch();
      batch.put(BASE_KEY, base);
      batch.write({ sync: true });
    });
    await expectDamaged(/base of the log fails its checksum/);
  });
});

describe('the mark', () => {
  beforeEach(() => writeMore(30));

  const SLOT = 4096;

  it('is needed', async () => {
    await rm(join(directory, 'mark'));
    await expectDamaged(/"mark".*missing/);
  });

  it.each([0, SLOT])('may lose its slot at %s', async (slot) => {
    await flip(join(directory, 'mark'), slot + 20);
    await expectUnharmed();
    await writeMore(5);
    await expectUnharmed();
  });

  it('may not lose both', async () => {
    await flip(join(directory, 'mark'), 20);
    await flip(join(directory, 'mark'), SLOT + 20);
    await expectDamaged(/"mark".*damaged/);
  });

  it('may not be empty', async () => {
    await truncate(join(directory, 'mark'), 0);
    await expectDamaged(/"mark".*damaged/);
  });
});

describe('a lost vote', () => {
  it('is noticed though no entry is missing', async () => {
    await cp(await emptyDirectory(), directory, { recursive: true });
    {
      await using store = await openLog();
      await store.write({
        hardState: { term: 4, votedFor: 0, commit: 0, recovery: 0 },
        entries: [],
      });
    }
    await cp(join(directory, 'log'), join(root, 'earlier'), { recursive: true });
    {
      await using store = await openLog();
      await store.write({
        hardState: { term: 4, votedFor: 2, commit: 0, recovery: 0 },
        entries: [],
      });
    }
    await rm(join(directory, 'log'), { recursive: true });
    await cp(join(root, 'earlier'), join(directory, 'log'), { recursive: true });
    await expectDamaged(/vote for member 0 in term 4, but member 2/);
  });

  async function emptyDirectory(): Promise<string> {
    const path = join(root, 'new');
    await (await openLog(path)).close();
    return path;
  }
});

describe('the identity', () => {
  beforeEach(() => writeMore(3));

  it('that is missing is noticed', async () => {
    await rm(join(directory, 'identity'));
    await expectIdentityLost(/identity, which .* missing/);
  });

  it('that is missing together with the log is noticed by the mark', async () => {
    await rm(join(directory, 'identity'));
    await rm(join(directory, 'log'), { recursive: true });
    await expectIdentityLost(/identity, which .* missing/);
  });

  it('that is a directory is damaged', async () => {
    await rm(join(directory, 'identity'));
    await mkdir(join(directory, 'identity'));
    await expectIdentityLost(/is damaged/);
  });

  it.each(['', '{', '[]', '{"format":3,"clusterId":"c","memberId":1}'])(
    '%j makes no sense',
    async (text) => {
      await writeFile(join(directory, 'identity'), text);
      await expect(openLog()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    },
  );
});

describe('one wrong byte anywhere', () => {
  it('is noticed or harmless', async () => {
    await writeMore(40);
    await writeMore(40);
    const copy = join(root, 'copy');
    await forOneWrongByte(directory, copy, 40, async () => {
      const store = await openLog(copy).catch((error: unknown) => error);
      if (store instanceof RocksLogStore) {
        const contents = await contentsOf(store);
        await store.close();
        expect(contents).toBe(model.contents());
      } else {
        expect(['LOG_CORRUPT', 'DATABASE_FAILED']).toContain((store as RaftError).code);
      }
    });
  });
});
