import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@raft-ts/net/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keptFiles } from '../store/kept-files.js';
import { checkOpenFiles, shareOpenFiles, watchOpenFiles } from './open-files.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'open-files-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function makeTables(folder: 'log' | 'store', count: number): void {
  mkdirSync(join(directory, folder), { recursive: true });
  for (let each = 0; each < count; each++) {
    writeFileSync(join(directory, folder, `${each}`.padStart(6, '0').concat('.sst')), '');
  }
  writeFileSync(join(directory, folder, 'CURRENT'), '');
}

it('keeps files for members and tables, and a tenth, and gives clients the rest', async () => {
  const few = await shareOpenFiles(256, directory, 3);
  expect(few).toEqual({ limit: 256, tables: 0, maxClients: 256 - keptFiles(3, 0) });
  expect(few.maxClients).toBeGreaterThan(32);
  expect((await shareOpenFiles(20_000, directory, 3)).maxClients).toBe(18_000);
  makeTables('log', 8);
  makeTables('store', 40);
  const more = await shareOpenFiles(512, directory, 3);
  expect(more.tables).toBe(48);
  expect(more.maxClients).toBe(512 - keptFiles(3, 0) - 48 - 12);
});

it('refuses to start where clients would get next to nothing', () => {
  const needed = keptFiles(3, 100) + 16;
  expect(() => checkOpenFiles({ limit: needed, tables: 100, maxClients: 1 }, 3)).not.toThrow();
  expect(() => checkOpenFiles({ limit: needed - 1, tables: 100, maxClients: 1 }, 3)).toThrow(
    expect.objectContaining({
      code: 'OPEN_FILES_TOO_FEW',
      message: expect.stringContaining(`needs ${needed}: raise the limit`),
    }),
  );
});

it('takes from clients what tables come to need, and says so when that leaves few', async () => {
  const now = await shareOpenFiles(512, directory, 3);
  const limits: number[] = [];
  const lines: string[] = [];
  const ending = new AbortController();
  const watching = watchOpenFiles({
    directory,
    members: () => 3,
    now,
    limitClients: (maxClients) => limits.push(maxClients),
    log: (line) => lines.push(line),
    checkMs: 1,
    signal: ending.signal,
  });
  makeTables('store', 16);
  await eventually('it noticed', () => limits.at(-1) === now.maxClients - 20);
  expect(lines).toEqual([]);
  makeTables('store', 216);
  await eventually('it said so', () => limits.at(-1) === now.maxClients - 270);
  expect(lines.at(-1)).toMatch(/^216 tables leave room for \d+ clients of the 512 files/);
  ending.abort();
  await watching;
});
