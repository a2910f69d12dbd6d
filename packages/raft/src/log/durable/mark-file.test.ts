import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMarkFile } from '../rocksdb/open-mark-file.js';
import { decodeMark, EMPTY_MARK, encodeMark, MARK_BYTES, type Mark } from './mark.js';
import { type MarkFile, newMarkFile } from './mark-file.js';

const SECOND_SLOT = 4096;
const mark = (lastIndex: number): Mark => ({
  term: 7,
  votedFor: 3,
  recovery: 9,
  lastIndex,
  lastTerm: 2,
});

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mark-file-'));
  path = join(directory, 'mark');
  await writeFile(path, newMarkFile());
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function opened(): MarkFile {
  const markFile = openMarkFile(path);
  if (markFile === undefined) throw new Error('no mark');
  return markFile;
}

async function slots(): Promise<(Mark | undefined)[]> {
  const bytes = await readFile(path);
  return [0, SECOND_SLOT].map((at) => decodeMark(bytes.subarray(at, at + MARK_BYTES))?.mark);
}

async function damage(at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

describe('a mark', () => {
  it('is decoded as it was encoded, and not with any byte changed', () => {
    const integer = fc.maxSafeNat();
    fc.assert(
      fc.property(
        integer,
        integer,
        integer,
        integer,
        integer,
        integer,
        fc.nat(MARK_BYTES - 1),
        (...values) => {
          const [sequence, term, votedFor, recovery, lastIndex, lastTerm, place] = values;
          const encoded = { term, votedFor, recovery, lastIndex, lastTerm };
          const bytes = encodeMark(sequence, encoded);
          expect(decodeMark(bytes)).toEqual({ sequence, mark: encoded });
          bytes[place] = (bytes[place] ?? 0) ^ 0x10;
          expect(decodeMark(bytes)).toBeUndefined();
          expect(decodeMark(bytes.subarray(0, MARK_BYTES - 1))).toBeUndefined();
        },
      ),
    );
  });
});

describe('MarkFile', () => {
  it('starts with the empty mark and keeps the newest', async () => {
    const first = opened();
    expect(first.mark).toEqual(EMPTY_MARK);
    first.write(mark(1));
    first.write(mark(2));
    await first.close();
    const second = opened();
    expect(second.mark).toEqual(mark(2));
    await second.close();
  });

  it('has what was written in the file as soon as write returns', async () => {
    const markFile = opened();
    markFile.write(mark(1));
    expect(await slots()).toContainEqual(mark(1));
    await markFile.close();
  });

  it('leaves the slot that is on the disk alone until the other one is', async () => {
    const markFile = opened();
    markFile.write(mark(1));
    markFile.write(mark(2));
    markFile.write(mark(3));
    expect((await slots()).sort(byIndex)).toEqual([EMPTY_MARK, mark(3)]);
    markFile.sync();
    markFile.write(mark(4));
    markFile.write(mark(5));
    expect((await slots()).sort(byIndex)).toEqual([mark(3), mark(5)]);
    await markFile.close();
  });

  it('falls back to the other slot when one is torn', async () => {
    const markFile = opened();
    markFile.write(mark(1));
    markFile.sync();
    markFile.write(mark(2));
    await markFile.close();
    const newest = (await slots()).findIndex((slot) => slot?.lastIndex === 2);
    await damage(newest * SECOND_SLOT + 30);
    const again = opened();
    expect(again.mark).toEqual(mark(1));
    again.write(mark(3));
    await again.close();
    expect((await slots()).sort(byIndex)).toEqual([mark(1), mark(3)]);
  });

  it('has no mark when both slots are damaged or missing', async () => {
    await damage(0);
    await damage(SECOND_SLOT);
    expect(openMarkFile(path)).toBeUndefined();
    await writeFile(path, '');
    expect(openMarkFile(path)).toBeUndefined();
    await rm(path);
    expect(() => openMarkFile(path)).toThrow('ENOENT');
  });

  it('syncs in the background, also what is written during a sync', async () => {
    const markFile = opened();
    const failures: Error[] = [];
    for (let i = 1; i <= 50; i++) {
      markFile.write(mark(i));
      markFile.syncSoon((error) => failures.push(error));
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await markFile.close();
    expect(failures).toEqual([]);
    const again = opened();
    expect(again.mark).toEqual(mark(50));
    await again.close();
  });
});

function byIndex(a: Mark | undefined, b: Mark | undefined): number {
  return (a?.lastIndex ?? 0) - (b?.lastIndex ?? 0);
}
