import { type Clock, pause } from '@raft-ts/net';
import type { Mount } from '../namespace/mounts/mount.js';
import type { MountedTree } from '../namespace/mounts/mounted-tree.js';
import type { SyncProgress } from '../namespace/queries/sync-path.js';
import type { ByteString } from '../namespace/tree/byte-string.js';
import type { DirectoryLook } from './directory-look.js';
import type { Looks } from './looks.js';
import { RecursiveLook } from './recursive-look.js';

/** Looks that were asked for and have not ended, or whose end nobody has heard yet. */
const MAX_JOBS = 256;
/** For how long the end of a look is kept for whoever asks again, milliseconds. */
const KEPT_MS = 60_000;

export interface SyncJobsParts {
  readonly looks: Pick<Looks, 'beginAnew' | 'lookUp'>;
  readonly tree: () => MountedTree;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A look that somebody asked for, which may take longer than anybody waits for one answer. */
export interface SyncJob {
  readonly mount: Mount;
  readonly path: ByteString;
  readonly progress: SyncProgress;
  /** Resolves when it has ended, well or not. */
  readonly ended: Promise<void>;
  /** Why it did not end well. */
  readonly error: unknown;
}

/** Looks that were asked for, by number. */
export class SyncJobs {
  readonly #parts: SyncJobsParts;
  readonly #jobs = new Map<number, Job>();
  #next = 1;

  constructor(parts: SyncJobsParts) {
    this.#parts = parts;
  }

  /**
   * The look at a path that has this number. Undefined where it has been forgotten, or was begun under another leader,
   * whose numbers others have now.
   */
  get(number: number, path: ByteString, recursive: boolean): SyncJob | undefined {
    const job = this.#jobs.get(number);
    return job?.path === path && job.recursive === recursive ? job : undefined;
  }

  /** Undefined where too many are under way. */
  begin(mount: Mount, path: ByteString, recursive: boolean): SyncJob | undefined {
    if (this.#jobs.size >= MAX_JOBS && !this.#forgetEnded()) return undefined;
    const number = this.#next;
    this.#next += 1;
    const job = new Job(number, this.#parts, mount, path, recursive);
    this.#jobs.set(number, job);
    job.ended = job.run().finally(() => this.#forgetLater(number));
    return job;
  }

  /** Of a path that is no directory: it was looked for. */
  ended(mount: Mount, path: ByteString): SyncJob {
    const number = this.#next;
    this.#next += 1;
    const progress = {
      job: number,
      ended: true,
      directories: 0,
      entries: 1,
      changed: 0,
      skipped: 0,
    };
    return { mount, path, progress, ended: Promise.resolve(), error: undefined };
  }

  /** Makes room: what has ended longest ago is told to nobody any more. Whether there was any. */
  #forgetEnded(): boolean {
    for (const [number, { progress }] of this.#jobs) {
      if (progress.ended) return this.#jobs.delete(number);
    }
    return false;
  }

  #forgetLater(number: number): void {
    void pause(this.#parts.clock, KEPT_MS, this.#parts.signal).then(() =>
      this.#jobs.delete(number),
    );
  }
}

class Job implements SyncJob {
  readonly mount: Mount;
  readonly path: ByteString;
  readonly recursive: boolean;
  ended: Promise<void> = Promise.resolve();
  error: unknown;
  readonly #number: number;
  readonly #parts: SyncJobsParts;
  #isOver = false;
  #directories = 0;
  #entries = 0;
  #changed = 0;
  #skipped = 0;
  #now: DirectoryLook | undefined;

  constructor(
    number: number,
    parts: SyncJobsParts,
    mount: Mount,
    path: ByteString,
    recursive: boolean,
  ) {
    this.#number = number;
    this.#parts = parts;
    this.mount = mount;
    this.path = path;
    this.recursive = recursive;
  }

  get progress(): SyncProgress {
    const now = this.#isOver ? undefined : this.#now?.counts;
    return {
      job: this.#number,
      ended: this.#isOver,
      directories: this.#directories,
      entries: this.#entries + (now?.entries ?? 0),
      changed: this.#changed + (now?.changed ?? 0),
      skipped: this.#skipped + (now?.skipped ?? 0),
    };
  }

  async run(): Promise<void> {
    try {
      if (this.recursive) {
        const look = new RecursiveLook(this.#parts, this.mount);
        await look.run(this.path, (each) => this.#add(each));
      } else {
        const { look, ended } = await this.#parts.looks.beginAnew(this.mount, this.path);
        this.#now = look;
        await ended;
        this.#now = undefined;
        this.#add(look);
      }
    } catch (error) {
      this.error = error;
    } finally {
      this.#isOver = true;
    }
  }

  #add({ counts }: DirectoryLook): void {
    this.#directories += 1;
    this.#entries += counts.entries;
    this.#changed += counts.changed;
    this.#skipped += counts.skipped;
  }
}
