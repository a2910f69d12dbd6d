import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RaftError } from 'raft-ts';
import { describe, expect, it } from 'vitest';
import { restoreMember } from '../../master/restore-member.js';
import { Scratch } from './scratch.js';
import { stateError } from './state-error.js';

const PATHS = { file: '/backups/monday', data: '/var/member-1', room: '/var/member-1' };
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('what went wrong with a state', () => {
  it('names the path that the file system reports', async () => {
    const missing = '/dev/null/scratch';
    const scratch = stateError(await failureOf(Scratch.make(missing)), PATHS);
    expect(scratch).toMatchObject({ code: 'FILE_UNUSABLE', path: expect.stringMatching(missing) });
    const directory = stateError(await failureOf(mkdir('/dev/null/data')), PATHS);
    expect(directory).toMatchObject({
      message: '/dev/null/data: ENOTDIR: not a directory',
      path: '/dev/null/data',
    });
  });

  it('names the backup where that can not be read, and nothing else', async () => {
    const file = '/dev/null/backup';
    const founders = { 1: { member: 'a:1', client: 'a:2' } };
    const { signal } = new AbortController();
    const reading = restoreMember(
      { file, directory: join('/dev/null', 'data'), id: 1, clusterName: 'c', founders },
      signal,
    );
    expect(stateError(await failureOf(reading), { ...PATHS, file })).toMatchObject({ path: file });
    const damaged = new RaftError('SNAPSHOT_DAMAGED', 'it is cut');
    expect(stateError(damaged, PATHS)).toMatchObject({ path: PATHS.file });
  });

  it('names the place where room is missing, and the directory of a database', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    expect(stateError(full, { ...PATHS, room: '/tmp' })).toMatchObject({
      code: 'DISK_FULL',
      path: '/tmp',
    });
    const failed = new RaftError('DATABASE_FAILED', 'no', { cause: new Error('Corruption') });
    expect(stateError(failed, PATHS)).toMatchObject({ code: 'DATA_UNWRITABLE', path: PATHS.data });
  });

  it('is what went wrong first, where closing failed for the same reason', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    const writing = async () => {
      await using _closing = {
        [Symbol.asyncDispose]: () => Promise.reject(new Error('closing')),
      };
      await using _flushing = {
        [Symbol.asyncDispose]: () => Promise.reject(new Error('flushing')),
      };
      throw full;
    };
    expect(stateError(await failureOf(writing()), PATHS)).toMatchObject({
      code: 'DISK_FULL',
      cause: full,
    });
  });
});
