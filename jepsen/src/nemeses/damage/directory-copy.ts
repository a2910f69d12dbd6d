import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What lay in a member's directory at one moment, while it did not run. */
export class DirectoryCopy {
  readonly #directory: string;
  readonly #copy: string;

  private constructor(directory: string, copy: string) {
    this.#directory = directory;
    this.#copy = copy;
  }

  static async of(directory: string, scratchDirectory: string): Promise<DirectoryCopy> {
    const copy = await mkdtemp(join(scratchDirectory, 'copy-'));
    await cp(directory, copy, { recursive: true, preserveTimestamps: true });
    return new DirectoryCopy(directory, copy);
  }

  /** The directory is as it was then. It stays itself: it may be where a file system is mounted. */
  async putBack(): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      // A file system's own, where it begins here.
      if (name === 'lost+found') continue;
      await rm(join(this.#directory, name), { recursive: true, force: true });
    }
    await cp(this.#copy, this.#directory, { recursive: true, preserveTimestamps: true });
  }

  async remove(): Promise<void> {
    await rm(this.#copy, { recursive: true, force: true });
  }
}
