import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putSocket } from '../../rocksdb/put-socket.test.support.js';
import { FileDamaged, readRecord, writeRecord } from './durable-file.js';
import { checkIdentity, writeIdentity } from './identity.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'durable-file-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('a small file', () => {
  const record = { name: 'Zürich', number: 7, flag: true };

  it('is there as it was written, and nothing beside it', async () => {
    const path = join(directory, 'file');
    expect(await readRecord(path)).toBeUndefined();
    await writeRecord(directory, 'file', { earlier: 1 });
    await writeRecord(directory, 'file', record);
    expect(await readRecord(path)).toEqual(record);
    expect(await readdir(directory)).toEqual(['file']);
  });

  it('with any bit wrong, a byte more or a byte less is damaged', async () => {
    const path = join(directory, 'file');
    await writeRecord(directory, 'file', record);
    const bytes = await readFile(path);
    const wrong = [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.from('\n')])];
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      const copy = Buffer.from(bytes);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      wrong.push(copy);
    }
    for (const content of wrong) {
      await writeFile(path, content);
      await expect(readRecord(path)).rejects.toBeInstanceOf(FileDamaged);
    }
  });
});

describe('a socket in the place of a small file', () => {
  it('is damage', async () => {
    const path = join(directory, 'file');
    await putSocket(path);
    await expect(readRecord(path)).rejects.toBeInstanceOf(FileDamaged);
  });
});

describe('the identity', () => {
  const identity = { clusterId: 'orders', memberId: 3 };

  it('is written as these bytes', async () => {
    await writeIdentity(directory, identity);
    expect(await readFile(join(directory, 'identity'), 'utf8')).toBe(
      '{"format":3,"clusterId":"orders","memberId":3}\ncrc32 7e84aead\n',
    );
  });

  it('with any byte wrong is damaged, and never somebody else', async () => {
    await writeIdentity(directory, identity);
    const path = join(directory, 'identity');
    const bytes = await readFile(path);
    for (let at = 0; at < bytes.byteLength; at++) {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      await writeFile(path, copy);
      const checked = checkIdentity(directory, identity);
      await expect(checked).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    }
  });

  it.each([
    [{ format: 3 }, 'LOG_CORRUPT'],
    [{ format: 3, clusterId: 'orders', memberId: '3' }, 'LOG_CORRUPT'],
    [{ format: 4, owner: 'orders' }, 'LOG_FOREIGN'],
  ])('that says %o is refused', async (record, code) => {
    await writeRecord(directory, 'identity', record);
    await expect(checkIdentity(directory, identity)).rejects.toMatchObject({ code });
  });

  it('without a checksum, as format 2 had it, is of another version and not damaged', async () => {
    const path = join(directory, 'identity');
    const text = '{"formatVersion":2,"clusterId":"orders","memberId":3}';
    for (const end of ['', '\n']) {
      await writeFile(path, text + end);
      await expect(checkIdentity(directory, identity)).rejects.toMatchObject({
        code: 'LOG_FOREIGN',
        message: expect.stringContaining('has format 2, this version reads 3'),
      });
    }
    await writeFile(path, text.slice(0, -1));
    const cut = checkIdentity(directory, identity);
    await expect(cut).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });
});
