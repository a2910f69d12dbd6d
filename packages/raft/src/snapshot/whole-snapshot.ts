import type { LogBase } from '../core/log/log-state.js';
import type { FetchedSnapshot } from './snapshot-source.js';

/** What becomes of a snapshot that was received whole. */
export interface WholeSnapshotSteps {
  /** Puts it in the place of the state; nothing of it is left beside that. */
  install(): Promise<void>;
  /** It is given up. */
  remove(): Promise<void>;
}

/** What lies whole at a receiver: one snapshot, until it is installed, given up, or another one is begun. */
export class WholeSnapshot {
  #held: FetchedSnapshot | undefined;

  hold(base: LogBase, steps: WholeSnapshotSteps): FetchedSnapshot {
    const whole: FetchedSnapshot = {
      base,
      install: async () => {
        this.forget();
        await steps.install();
      },
      [Symbol.asyncDispose]: async () => {
        if (this.#held !== whole) return;
        this.forget();
        await steps.remove();
      },
    };
    this.#held = whole;
    return whole;
  }

  /** What lies there is somebody else's from here on: giving up what was held removes nothing. */
  forget(): void {
    this.#held = undefined;
  }
}
