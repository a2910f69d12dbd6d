import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RaftError } from 'raft-ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Master } from './master.js';
import { startError } from './start-error.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'start-error-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function start(name: string): Promise<Master> {
  const addresses = { memberAddress: '127.0.0.1:0', clientAddress: '127.0.0.1:0' };
  const members = [{ id: 1, ...addresses }];
  return Master.start({ id: 1, clusterId: 'c', directory: join(directory, name), members });
}

describe('a data directory that can not be used', () => {
  const cases: readonly (readonly [string, (path: string) => Promise<unknown>, RegExp])[] = [
    ['is a file', (path) => writeFile(path, ''), /move away what is in the place/],
    ['leads to itself', (path) => symlink(path, path), /mend the symbolic link/],
    ['leads nowhere', (path) => symlink(`${path}-none`, path), /is a disk missing/],
    [
      'has a file in the place of the log',
      async (path) => {
        await mkdir(path);
        await writeFile(join(path, 'log'), '');
      },
      /move away what is in the place/,
    ],
  ];
  it.each(cases)('because it %s is named, with what to do', async (_, prepare, help) => {
    await prepare(join(directory, 'data'));
    const message = expect.stringMatching(help);
    await expect(start('data')).rejects.toMatchObject({ code: 'DATA_UNWRITABLE', message });
  });

  it('because its tree is a symbolic link is named, with what to do', async () => {
    await mkdir(join(directory, 'data'));
    await symlink(directory, join(directory, 'data', 'store'));
    const message = expect.stringMatching(/make the whole data directory a link/);
    await expect(start('data')).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message });
  });

  it.each([
    ['IO error: While pread: /d/log/000004.log: Input/output error', /the disk fails/],
    ['IO error: While open: /d/log/LOCK: Read-only file system', /mount the file system/],
    ["EACCES: permission denied, mkdir '/d/log'", /give this user the right/],
    ['IO error: While appending to file: /d/log/000004.log: File too large', /ulimit -f/],
  ])('says what to do: %s', (reason, help) => {
    const opening = new RaftError('DATABASE_FAILED', 'x', { cause: new Error(reason) });
    // The threads of the log pass on text, without a cause.
    const writing = new RaftError('LOG_WRITE_FAILED', `the log can't be written: ${reason}.`);
    for (const failed of [opening, writing]) {
      const error = startError(failed, { kind: 'data', name: '/d' });
      const message = expect.stringMatching(help);
      expect(error).toMatchObject({ code: 'DATA_UNWRITABLE', message });
    }
  });
});

describe('a damaged log', () => {
  it.each(['Move it away', 'Move it away.'])('is told in whole sentences: %s', (advice) => {
    const error = startError(new RaftError('LOG_CORRUPT', advice), { kind: 'data', name: '/d' });
    expect(error.message).toMatch(/^Move it away\. To rebuild it, start/);
  });
});
