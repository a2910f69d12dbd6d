import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EntryType } from '../../core/log/entry.js';
import { RaftError } from '../../errors.js';
import { writeRecord } from './durable-file.js';
import { DIRECTORY_FORMAT } from './identity.js';
import { openingError, writeFailed } from './log-error.js';
import { contentsOf, LogModel, writeOf, writeShapes } from './log-model.test.support.js';
import type { RocksLogStoreOptions } from './log-options.js';
import { RocksLogStore } from './rocks-log-store.js';
import { WorkerThread } from './worker-thread.js';

const MODULE = JSON.stringify(new URL('./rocks-log-store.js', import.meta.url).href);

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rocks-log-life-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true, force: true });
});

function openLog(options: Partial<RocksLogStoreOptions> = {}): Promise<RocksLogStore> {
  return RocksLogStore.open({ directory, clusterId: 'c', memberId: 1, ...options });
}

const entry = (index: number, bytes = 10) => ({
  index,
  term: 1,
  type: EntryType.Command,
  data: new Uint8Array(bytes),
});

describe('a data directory', () => {
  it.each([{ clusterId: 'other' }, { memberId: 2 }])('belongs to one member: %o', async (other) => {
    await (await openLog()).close();
    const error = await openLog(other).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'LOG_FOREIGN',
      details: { clusterId: 'c', memberId: 1 },
    });
    expect(String(error)).toContain(directory);
    await (await openLog()).close();
  });

  it('of another format is refused', async () => {
    await (await openLog()).close();
    await writeRecord(directory, 'identity', { format: DIRECTORY_FORMAT + 1, of: 'tomorrow' });
    await expect(openLog({ onDamage: 'replace' })).rejects.toMatchObject({ code: 'LOG_FOREIGN' });
  });

  it('in use by another process is refused', async () => {
    await using store = await openLog();
    await store.write({ entries: [entry(1)] });
    const script = `
      const { RocksLogStore } = await import(${MODULE});
      await RocksLogStore.open({ directory: ${JSON.stringify(directory)}, clusterId: 'c', memberId: 1 })
        .then(() => console.log('opened'), (error) => console.log(error.code, error.message));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(child.stdout.toString()).toMatch(/^LOG_LOCKED .*in use/);
    await store.write({ entries: [entry(2)] });
  });

  it('that cannot be made is named', async () => {
    await writeFile(join(directory, 'file'), '');
    const path = join(directory, 'file', 'member');
    const error = await openLog({ directory: path }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'DATABASE_FAILED' });
    expect(String(error)).toContain(path);
  });

  it('where nothing can be made is refused', async () => {
    for (const path of ['/proc/raft-ts', '/proc/raft-ts/below']) {
      await expect(openLog({ directory: path })).rejects.toMatchObject({ code: 'DATABASE_FAILED' });
    }
  });

  it('is as new after opening it failed half way', async () => {
    const controller = new AbortController();
    const opening = openLog({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    await using store = await openLog();
    expect(store.initial.lastIndex).toBe(0);
  });

  it.each([
    { directory: '' },
    { clusterId: '' },
    { memberId: 0 },
    { memberId: 1.5 },
    { memberId: 2 ** 32 },
  ])('is not opened with %o', async (wrong) => {
    await expect(openLog(wrong)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  });
});

describe('a writing thread that ends', () => {
  it('fails what waits and all that follows, and leaves what was acknowledged', async () => {
    const store = await openLog();
    await store.write({ entries: [entry(1)] });
    vi.spyOn(WorkerThread.prototype, 'post').mockImplementationOnce(function (
      this: WorkerThread<unknown, unknown>,
    ) {
      void this.terminate();
    });
    const waiting = [store.write({ entries: [entry(2)] }), store.write({ entries: [entry(3)] })];
    for (const write of waiting) {
      await expect(write).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' });
    }
    await expect(store.write({ entries: [entry(4)] })).rejects.toThrow('writing thread ended');
    await store.close();
    await using again = await openLog();
    expect(again.initial.lastIndex).toBeGreaterThanOrEqual(1);
  });
});

describe('a failed write', () => {
  it('tells when the disk is full', () => {
    const full = writeFailed('/data', 'IO error: No space left on device');
    expect(full).toMatchObject({ code: 'LOG_FULL' });
    expect(full.message).toContain('disk is full (ENOSPC)');
    const failed = writeFailed('/data', 'IO error');
    expect(failed).toMatchObject({ code: 'LOG_WRITE_FAILED' });
    expect(failed.message).not.toContain('full');
  });

  it('tells so, too, when a log is opened again before there is room', () => {
    const system = Object.assign(new Error('ENOSPC: no space left'), { syscall: 'write' });
    const database = new RaftError('DATABASE_FAILED', 'IO error: No space left on device');
    const full = new RaftError('DATABASE_FULL', 'no room');
    for (const cause of [system, database, full]) {
      expect(openingError('/data', cause)).toMatchObject({ code: 'LOG_FULL' });
    }
    expect(openingError('/data', new RaftError('DATABASE_FAILED', 'IO error'))).toMatchObject({
      code: 'DATABASE_FAILED',
    });
  });
});

describe('a closed log', () => {
  it('holds neither files nor threads nor the process', async () => {
    const script = `
      import { readdirSync } from 'node:fs';
      const { RocksLogStore } = await import(${MODULE});
      const options = { directory: ${JSON.stringify(directory)}, clusterId: 'c', memberId: 1 };
      const count = (path) => { try { return readdirSync(path).length; } catch { return 0; } };
      const round = async () => {
        const store = await RocksLogStore.open(options);
        const index = store.initial.lastIndex + 1;
        await store.write({ entries: [{ index, term: 1, type: 1, data: new Uint8Array(5) }] });
        await store.read(1, index, 1000);
        await store.close();
        return [count('/proc/self/fd'), count('/proc/self/task')];
      };
      const first = await round();
      let last = first;
      for (let i = 0; i < 5; i++) last = await round();
      console.log(JSON.stringify({ first, last }));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(child.stderr.toString()).toBe('');
    expect(child.status).toBe(0);
    const { first, last } = JSON.parse(child.stdout.toString());
    expect(last[0]).toBeLessThanOrEqual(first[0]);
    expect(last[1]).toBeLessThanOrEqual(first[1]);
  });
});

describe('any sequence of writes and restarts', () => {
  it('leaves what a list would hold', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(writeShapes, { maxLength: 12 }), { maxLength: 4 }),
        async (lives) => {
          const path = join(directory, String(run++));
          const model = new LogModel();
          for (const life of lives) {
            await using store = await openLog({ directory: path });
            expect(await contentsOf(store)).toBe(model.contents());
            const writes = life.map((one) => {
              const write = writeOf(one, model);
              model.apply(write);
              return store.write(write);
            });
            await Promise.all(writes);
          }
          await using store = await openLog({ directory: path });
          expect(await contentsOf(store)).toBe(model.contents());
        },
      ),
      { numRuns: 30 },
    );
  });
});
