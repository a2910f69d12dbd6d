import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HangWatch, TimedOut } from './hang-watch.js';

let directory: string;
let record: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hang-watch-'));
  record = join(directory, 'record');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('what makes no progress', () => {
  it('is given up with its name, which is written down', async () => {
    await using watch = new HangWatch({ maxQuietMs: 1, record });
    const never = watch.run('the first', () => new Promise<void>(() => {}));
    await expect(never).rejects.toThrow(new TimedOut('the first'));
    expect(readFileSync(record, 'utf8')).toBe('the first\n');
    expect(await watch.run('the next', () => 7)).toBe(7);
    await expect(watch.run('fails', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('is what says nothing: what says that it goes on may take as long as it likes', async () => {
    await using watch = new HangWatch({ maxQuietMs: 1500 });
    const one = watch.run('one', async () => {
      for (let i = 0; i < 40; i++) {
        await pause(50);
        watch.progress();
      }
    });
    await expect(one).resolves.toBeUndefined();
  });

  it('and holds its thread is ended with its process', () => {
    const module = JSON.stringify(new URL('./hang-watch.js', import.meta.url).href);
    const options = JSON.stringify({ maxQuietMs: 1, graceMs: 1, record });
    const script = `
      const { HangWatch } = await import(${module});
      const watch = new HangWatch(${options});
      await watch.run('before', () => {});
      await watch.run('a loop', () => { for (;;); });`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(child.signal).toBe('SIGKILL');
    expect(child.stderr.toString()).toContain('timed out: a loop holds its thread');
    expect(readFileSync(record, 'utf8')).toBe('a loop\n');
  });
});
