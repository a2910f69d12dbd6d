import type {
  LocationPurpose,
  RemoveOptions,
  StepOptions,
  Storage,
  StorageDriver,
} from 'inode-app/storages';
import { localDriver } from 'inode-app/storages';

/** What is renamed slowly has a name that begins so. */
export const SLOW_NAME = 'slow-';

/** Calls that are held until they may go on. */
export class Holding {
  #isOn = false;
  readonly #waiting = new Set<() => void>();

  get held(): number {
    return this.#waiting.size;
  }

  hold(): void {
    this.#isOn = true;
  }

  release(): void {
    this.#isOn = false;
    for (const goOn of [...this.#waiting]) goOn();
  }

  /** Rejects with the signal's reason. */
  pass(signal: AbortSignal): Promise<void> {
    if (!this.#isOn) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(goOn);
        signal.removeEventListener('abort', giveUp);
      };
      const goOn = () => {
        leave();
        resolve();
      };
      const giveUp = () => {
        leave();
        reject(signal.reason);
      };
      this.#waiting.add(goOn);
      signal.addEventListener('abort', giveUp);
    });
  }
}

/** `slow:///directory`: as `file:`, but renames of what is called `SLOW_NAME…` wait while they are held. */
export function slowDriver(holding: Holding): StorageDriver {
  const local = (uri: string) => uri.replace(/^slow:/, 'file:');
  return {
    scheme: 'slow',
    parse(uri, options) {
      const { uri: own, place } = localDriver.parse(local(uri), options);
      return { uri: own.replace(/^file:/, 'slow:'), place: place.replace(/^file:/, 'slow:') };
    },
    async open(uri, options, credentials) {
      return new SlowStorage(await localDriver.open(local(uri), options, credentials), holding);
    },
  };
}

class SlowStorage implements Storage {
  readonly #local: Storage;
  readonly #holding: Holding;

  constructor(local: Storage, holding: Holding) {
    this.#local = local;
    this.#holding = holding;
  }

  get abilities() {
    return this.#local.abilities;
  }

  stat(path: string, signal: AbortSignal) {
    return this.#local.stat(path, signal);
  }

  list(path: string, signal: AbortSignal) {
    return this.#local.list(path, signal);
  }

  pathFault(path: string) {
    return this.#local.pathFault(path);
  }

  makeDirectory(path: string, signal: AbortSignal) {
    return this.#local.makeDirectory(path, signal);
  }

  remove(path: string, options: RemoveOptions, signal: AbortSignal) {
    return this.#local.remove(path, options, signal);
  }

  async rename(source: string, destination: string, signal: AbortSignal) {
    const name = source.slice(source.lastIndexOf('/') + 1);
    if (name.startsWith(SLOW_NAME)) await this.#holding.pass(signal);
    await this.#local.rename(source, destination, signal);
  }

  copy(source: string, destination: string, options: StepOptions, signal: AbortSignal) {
    return this.#local.copy(source, destination, options, signal);
  }

  removeCopied(source: string, destination: string, options: StepOptions, signal: AbortSignal) {
    return this.#local.removeCopied(source, destination, options, signal);
  }

  location(path: string, purpose: LocationPurpose, signal: AbortSignal) {
    return this.#local.location(path, purpose, signal);
  }

  close() {
    return this.#local.close();
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}
