import { mkdir, readlink, rename, rm, rmdir, statfs, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { JepsenError } from '../errors.js';
import { storeFailure } from './store-failure.js';
import { RESULTS_FILE, type StoredResults } from './stored-results.js';

/** On the disk of the store, for a test to begin. */
const MIN_FREE_BYTES = 256 * 1024 * 1024;
const LATEST = 'latest';

/** Where one test keeps what it saw: `<store>/<test>/<time>/`. */
export class TestDirectory {
  readonly path: string;
  readonly #store: string;

  private constructor(store: string, path: string) {
    this.#store = store;
    this.path = path;
  }

  /**
   * Makes it, and has `latest` of the store and of the test lead to it.
   *
   * @param test a name that serves as one of a directory
   * @throws JepsenError STORE_FAILED
   */
  static async create(store: string, test: string, startedAt: Date): Promise<TestDirectory> {
    try {
      await mkdir(resolve(store, test), { recursive: true });
      const { bavail, bsize } = await statfs(store);
      if (bavail * bsize < MIN_FREE_BYTES) {
        const free = `${Math.floor((bavail * bsize) / 1024 ** 2)} MiB are free where tests are kept (${resolve(store)})`;
        const needed = `${MIN_FREE_BYTES / 1024 ** 2} MiB are needed`;
        const advice = 'make room, or name another place with --store';
        throw new JepsenError('STORE_FAILED', `${free}, ${needed}: ${advice}`);
      }
      const path = await makeOwn(resolve(store, test), startedAt);
      await link(join(resolve(store, test), LATEST), basename(path));
      await link(join(resolve(store), LATEST), join(test, basename(path)));
      return new TestDirectory(resolve(store), path);
    } catch (error) {
      throw storeFailure(`no test can be kept in ${resolve(store)}`, error);
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file in one step. Rejects with STORE_FAILED. */
  async write(name: string, text: string): Promise<void> {
    const partial = this.file(`${name}.part`);
    try {
      await writeFile(partial, text);
      await rename(partial, this.file(name));
    } catch (error) {
      throw storeFailure(`${this.file(name)} can't be written`, error);
    }
  }

  async writeResults(results: StoredResults): Promise<void> {
    await this.write(RESULTS_FILE, `${JSON.stringify(results, undefined, 2)}\n`);
  }

  /** Takes it away, as nothing came of the test. */
  async discard(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    for (const at of [this.#store, dirname(this.path)]) {
      const latest = join(at, LATEST);
      const target = await readlink(latest).catch(() => undefined);
      if (target !== undefined && resolve(at, target) === this.path)
        await rm(latest, { force: true });
    }
    // Where there are others of its kind, it stays.
    await rmdir(dirname(this.path)).catch(() => {});
  }
}

/** Another program may have begun the same test in the same millisecond: the next one that is free. */
async function makeOwn(directory: string, startedAt: Date): Promise<string> {
  for (let ms = startedAt.getTime(); ; ms++) {
    const path = join(directory, new Date(ms).toISOString().replaceAll(':', '.'));
    try {
      await mkdir(path);
      return path;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

/** In one step, whatever is there. */
async function link(path: string, target: string): Promise<void> {
  const partial = `${path}.${process.pid}.part`;
  await rm(partial, { force: true });
  await symlink(target, partial);
  await rename(partial, path);
}
