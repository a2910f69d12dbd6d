import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isMounted, MachineRecord } from '../leftovers.js';
import type { DiskKind } from './member-disk.js';
import { mountedDisksProblem } from './mounted-disks.js';
import { openDisks, type PlacedDisks } from './open-disks.js';

const BYTES = 32 * 1024 * 1024;
let directory = '';
let record: MachineRecord;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'jepsen-test-'));
  record = new MachineRecord(directory);
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function open(kind: DiskKind, below = directory): Promise<PlacedDisks> {
  const mountPoints = new Map([1, 2].map((id) => [id, join(below, `n${id}`)]));
  return openDisks(kind, { mountPoints, bytes: BYTES, scratchDirectory: directory, record });
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function write(file: string, text: string): number {
  const descriptor = openSync(file, 'a');
  writeSync(descriptor, text);
  return descriptor;
}

/** Whether such disks can be had; says why not. */
async function canHave(kind: DiskKind): Promise<boolean> {
  const problem = await mountedDisksProblem(kind);
  if (problem !== undefined) console.log(problem);
  return problem === undefined;
}

describe('disks of members', () => {
  it.each(['memory', 'devices'] as const)(
    'in %s can be filled, and keep what was written',
    async (kind) => {
      if (!(await canHave(kind))) return;
      const { disks, directoryOf } = await open(kind);
      const [first, second] = [directoryOf(1), directoryOf(2)];
      try {
        writeFileSync(join(first, 'before'), 'small');
        await disks.fill(1, 1024 * 1024);
        expect(freeBytes(first)).toBeLessThan(1024 * 1024 + 4_096);
        expect(freeBytes(first)).toBeGreaterThan(0);
        await disks.fill(1);
        expect(() => writeFileSync(join(first, 'more'), Buffer.alloc(8_192))).toThrow('ENOSPC');
        expect(freeBytes(second)).toBeGreaterThan(BYTES / 2);
        await disks.free(1);
        writeFileSync(join(first, 'after'), Buffer.alloc(BYTES / 2));
      } finally {
        await disks[Symbol.asyncDispose]();
      }
      expect(isMounted(join(directory, 'n1'))).toBe(false);
      expect(readFileSync(join(first, 'before'), 'utf8')).toBe('small');
    },
  );

  it('on devices lose what was not synced when power is cut', async () => {
    if (!(await canHave('devices'))) return;
    const { disks, directoryOf } = await open('devices');
    try {
      const data = directoryOf(1);
      const descriptors = [write(join(data, 'synced'), 'one'), openSync(data, 'r')];
      for (const descriptor of descriptors) fsyncSync(descriptor);
      descriptors.push(write(join(data, 'synced'), ' two'), write(join(data, 'lost'), 'three'));
      await disks.losePower(1, async () => {
        expect(() => writeFileSync(join(data, 'late'), 'x')).toThrow('EIO');
        for (const descriptor of descriptors) closeSync(descriptor);
      });
      expect(readFileSync(join(data, 'synced'), 'utf8')).toBe('one');
      expect(existsSync(join(data, 'lost'))).toBe(false);
    } finally {
      await disks[Symbol.asyncDispose]();
    }
  });

  it('say what they can not', async () => {
    const { disks } = await open('directories');
    expect(disks.unavailable).toHaveProperty('fill');
    await expect(disks.fill(1)).rejects.toMatchObject({ code: 'NEMESIS_UNAVAILABLE' });
    if (!(await canHave('memory'))) return;
    const { disks: inMemory } = await open('memory', join(directory, 'other'));
    await using _ = inMemory;
    const lost = inMemory.losePower(1, async () => undefined);
    await expect(lost).rejects.toMatchObject({ code: 'NEMESIS_UNAVAILABLE' });
  });
});
