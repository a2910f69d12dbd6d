import { setTimeout as pause } from 'node:timers/promises';
import { InodeAppError, NamespaceClient } from 'inode-app';

const HOME = '/elsewhere';
const PAUSE_MS = 5;
const SLOW_MS = 1_000;

/** A client outside of all mounts: whatever becomes of storages, it must not notice. */
export class Bystander {
  readonly ended: Promise<void>;
  /** Changes and reads that were answered. */
  calls = 0;
  /** Of these, while storages alone were in trouble. */
  callsInTrouble = 0;
  slowInTrouble = 0;
  longestInTroubleMs = 0;
  readonly errors: string[] = [];
  readonly #client: NamespaceClient;
  #storagesAlone = false;
  #ending = false;

  constructor(addresses: readonly string[]) {
    this.#client = new NamespaceClient({ addresses });
    this.ended = this.#run().finally(() => this.#client.close());
    this.ended.catch(() => {});
  }

  end(): Promise<void> {
    this.#ending = true;
    return this.ended;
  }

  /** Storages are in trouble and all masters are well, until it is said otherwise. */
  set storagesAlone(are: boolean) {
    this.#storagesAlone = are;
  }

  /** Resolves after so many more calls were answered. */
  async goesOn(calls: number): Promise<void> {
    const wanted = this.calls + calls;
    while (this.calls < wanted && !this.#ending && this.errors.length === 0) await pause(PAUSE_MS);
  }

  async #run(): Promise<void> {
    await this.#call(() => this.#client.mkdir(HOME, { parents: true }));
    for (let number = 0; !this.#ending; number += 1) {
      const path = `${HOME}/f-${number}`;
      const steps = [
        () => this.#client.create(path),
        () => this.#client.getStatus(path),
        () => this.#client.delete(path),
      ];
      for (const step of steps) if (!(await this.#call(step))) break;
      await pause(PAUSE_MS);
    }
  }

  /** False where it is not known to have been done. */
  async #call(perform: () => Promise<unknown>): Promise<boolean> {
    const wasAlone = this.#storagesAlone;
    const fromMs = performance.now();
    const failure = await perform().then(
      () => undefined,
      (error: unknown) => error,
    );
    const tookMs = performance.now() - fromMs;
    if (failure === undefined) this.calls += 1;
    const areAlone = wasAlone && this.#storagesAlone;
    if (failure !== undefined && (areAlone || !isOfMasters(failure))) {
      this.errors.push(String(failure));
    }
    if (areAlone) {
      this.callsInTrouble += 1;
      if (tookMs > SLOW_MS) this.slowInTrouble += 1;
      this.longestInTroubleMs = Math.max(this.longestInTroubleMs, Math.round(tookMs));
    }
    return failure === undefined;
  }
}

/** While masters die or hang, they may not answer in time. */
function isOfMasters(error: unknown): boolean {
  return (
    error instanceof InodeAppError &&
    (error.code === 'UNAVAILABLE' || error.code === 'OUTCOME_UNKNOWN')
  );
}
