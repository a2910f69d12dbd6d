import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of this command's own, for what it needs only while it runs. */
export class Scratch implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Within `parent`, which is there; where the system keeps such by default. */
  static async make(parent: string = tmpdir()): Promise<Scratch> {
    return new Scratch(await mkdtemp(join(parent, 'inode-app-')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
