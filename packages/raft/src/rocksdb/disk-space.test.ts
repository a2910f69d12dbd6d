import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RaftError } from '../errors.js';
import { databaseError } from './database-error.js';
import { freeDiskBytes, isDiskFull } from './disk-space.js';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: write`), { code });
}

describe('isDiskFull', () => {
  it('finds a full disk in what RocksDB, the file system and the log report, however deep', () => {
    const inRocks = databaseError('x failed to write', new Error('No space left on device: 7.log'));
    expect(inRocks.code).toBe('DATABASE_FULL');
    for (const error of [
      inRocks,
      systemError('ENOSPC'),
      systemError('EDQUOT'),
      new RaftError('LOG_FULL', 'full'),
      new RaftError('REPLICA_STOPPED', 'stopped', { cause: inRocks }),
    ]) {
      expect(isDiskFull(error)).toBe(true);
    }
  });

  it('takes no other failure for one', () => {
    const io = databaseError('x failed to write', new Error('IO error: 7.log'));
    expect(io.code).toBe('DATABASE_FAILED');
    for (const error of [io, systemError('EIO'), new RaftError('LOG_WRITE_FAILED', ''), 'ENOSPC']) {
      expect(isDiskFull(error)).toBe(false);
    }
  });
});

describe('freeDiskBytes', () => {
  it('reads what is free where a directory lies, and rejects where there is none', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'disk-space-'));
    try {
      expect(await freeDiskBytes(directory)).toBeGreaterThan(0);
      await expect(freeDiskBytes(join(directory, 'none'))).rejects.toThrow('ENOENT');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
