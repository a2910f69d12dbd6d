import { StorageError } from 'inode-app/storages';
import type { Random } from '../random.js';
import type { VirtualTime } from '../time.js';
import type { StoredFiles } from './stored-files.js';

export interface OutsideActorParts {
  readonly files: StoredFiles;
  readonly random: Random;
  readonly time: VirtualTime;
  /** Mean time between two changes. */
  readonly meanMs: number;
  /** Draws where to change something. */
  readonly drawPath: (random: Random) => string;
  /** Told of each change. */
  readonly onChange: (what: string) => void;
}

/** Somebody who changes files behind the tree's back. */
export class OutsideActor {
  readonly #parts: OutsideActorParts;
  #stopped = false;

  constructor(parts: OutsideActorParts) {
    this.#parts = parts;
  }

  start(): void {
    const { time, random, meanMs } = this.#parts;
    time.after(random.exponential(meanMs), () => {
      if (this.#stopped) return;
      this.#change();
      this.start();
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  #change(): void {
    const { random, drawPath, onChange } = this.#parts;
    const path = drawPath(random);
    try {
      onChange(this.#changeAt(path));
    } catch (error) {
      // It can't be done just now.
      if (!(error instanceof StorageError)) throw error;
    }
  }

  #changeAt(path: string): string {
    const { files, random, drawPath } = this.#parts;
    switch (random.integer(0, 5)) {
      case 0:
        files.makeDirectory(path);
        return `make ${path}`;
      case 1:
        files.removeAll(path);
        return `remove ${path}`;
      case 2: {
        const destination = drawPath(random);
        files.rename(path, destination);
        return `rename ${path} ${destination}`;
      }
      case 3:
        // What was a file is a directory, or the other way round.
        if (files.get(path)?.type === 'file') {
          files.remove(path);
          files.makeDirectory(path);
        } else {
          files.removeAll(path);
          files.write(path, files.newContent());
        }
        return `replace ${path}`;
      default:
        files.write(path, files.newContent());
        return `write ${path}`;
    }
  }
}
