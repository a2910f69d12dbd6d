import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'vitest';
import { bytesOfText } from '../byte-text.js';
import { storageCompliance } from '../testing/storage-compliance.js';
import type { StorageHome } from '../testing/storage-home.js';
import { localDriver } from './local-driver.js';

function bytes(directory: string, path: string): Buffer {
  return bytesOfText(join(directory, path)) ?? Buffer.from('');
}

async function createHome(): Promise<StorageHome> {
  const directory = await mkdtemp(join(tmpdir(), 'local-storage-'));
  return {
    driver: localDriver,
    uri: `file://${directory}`,
    options: {},
    credentials: undefined,
    refusedNames: [],
    openMissing: () => localDriver.open(`file://${directory}/missing`, {}, undefined),
    async writeFile(path, content) {
      await mkdir(bytes(directory, dirname(path)), { recursive: true });
      await writeFile(bytes(directory, path), content);
    },
    makeSymlink: (path, target) => symlink(target, bytes(directory, path)),
    remove: () => rm(directory, { recursive: true }),
  };
}

describe('a local directory', () => {
  for (const { name, run } of storageCompliance(createHome)) it(name, run);
});
