import { abortable } from '@raft-ts/net';

/** Calls that wait until something is so; looked at after each turn. */
export class Conditions {
  readonly #conditions = new Set<() => void>();

  /** Resolves with what `look` returns once that is not undefined; rejects with what it throws. */
  async until<T>(look: () => T | undefined, signal: AbortSignal | undefined): Promise<T> {
    let check = () => {};
    const found = new Promise<T>((resolve, reject) => {
      check = () => {
        try {
          const result = look();
          if (result !== undefined) resolve(result);
        } catch (error) {
          reject(error);
        }
      };
      check();
    });
    this.#conditions.add(check);
    try {
      return await abortable(found, signal);
    } finally {
      this.#conditions.delete(check);
    }
  }

  check(): void {
    for (const check of this.#conditions) check();
  }
}
