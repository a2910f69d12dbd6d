import type {
  Storage,
  StorageAbilities,
  StorageEntry,
  StorageLocation,
  StoragePage,
} from '../storages/storage.js';
import { StorageError, type StorageErrorCode } from '../storages/storage-error.js';

/** What comes of one request: an answer, a failure, none until the signal is aborted, or none even then. */
export type Step = 'answer' | StorageErrorCode | 'hang' | 'deaf';

/** Answers as a test says: one step a request, or a page; `otherwise` where there is none left. */
export class ScriptedStorage implements Storage {
  readonly abilities: StorageAbilities = { renames: { files: true, directories: true } };
  readonly steps: Step[] = [];
  otherwise: Step = 'answer';
  /** Requests that came. */
  asked = 0;
  underWay = 0;
  mostUnderWay = 0;
  closed = 0;
  /** Lets those end that are deaf. */
  readonly wake: (() => void)[] = [];

  async stat(path: string, signal: AbortSignal): Promise<StorageEntry> {
    await this.#request(signal);
    return file(path);
  }

  async *list(path: string, signal: AbortSignal): AsyncGenerator<StoragePage> {
    for (;;) {
      await this.#request(signal);
      yield { entries: [file(path)], skipped: [] };
    }
  }

  pathFault(): undefined {
    return undefined;
  }

  makeDirectory(_path: string, signal: AbortSignal): Promise<void> {
    return this.#request(signal);
  }

  remove(): Promise<void> {
    return Promise.reject(unscripted());
  }

  rename(): Promise<void> {
    return Promise.reject(unscripted());
  }

  copy(): Promise<void> {
    return Promise.reject(unscripted());
  }

  removeCopied(): Promise<number> {
    return Promise.reject(unscripted());
  }

  location(): Promise<StorageLocation> {
    return Promise.reject(unscripted());
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #request(signal: AbortSignal): Promise<void> {
    this.asked += 1;
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      await this.#outcome(this.steps.shift() ?? this.otherwise, signal);
    } finally {
      this.underWay -= 1;
    }
  }

  #outcome(step: Step, signal: AbortSignal): Promise<void> {
    if (step === 'answer') return Promise.resolve();
    if (step === 'deaf') return new Promise((resolve) => this.wake.push(resolve));
    if (step !== 'hang') return Promise.reject(new StorageError(step, `scripted ${step}`));
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  }
}

function file(name: string): StorageEntry {
  return {
    name,
    type: 'file',
    size: 0,
    modifiedMs: undefined,
    mode: undefined,
    owner: undefined,
    group: undefined,
    target: undefined,
    fingerprint: 'one',
  };
}

function unscripted(): StorageError {
  return new StorageError('UNSUPPORTED', 'no test asks for this');
}
