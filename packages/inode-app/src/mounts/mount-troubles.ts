import type { Clock } from '@raft-ts/net';

/** Lines that are kept of what storages hold and no tree can, of each mount. */
const MAX_SKIPPED = 20;

interface Noted {
  syncedAtMs: number | undefined;
  error: string | undefined;
  readonly skipped: Set<string>;
}

/** What a leader has noticed about each mount, for operators. */
export class MountTroubles {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #noted = new Map<number, Noted>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** A look into the storage ended, well or with what the storage answered. */
  looked(mount: number, error: Error | undefined): void {
    const noted = this.#of(mount);
    if (error === undefined) noted.syncedAtMs = this.#clock.monotonicMs();
    noted.error = error?.message;
  }

  /** Forgets mounts that are no more. */
  keep(isMounted: (mount: number) => boolean): void {
    for (const mount of this.#noted.keys()) if (!isMounted(mount)) this.#noted.delete(mount);
  }

  /** Something did not end well. */
  failed(mount: number, message: string): void {
    this.#of(mount).error = message;
  }

  skipped(mount: number, line: string): void {
    const { skipped } = this.#of(mount);
    skipped.add(line);
    const [oldest] = skipped;
    if (skipped.size > MAX_SKIPPED && oldest !== undefined) skipped.delete(oldest);
  }

  syncedMsAgo(mount: number): number | undefined {
    const syncedAtMs = this.#noted.get(mount)?.syncedAtMs;
    return syncedAtMs === undefined
      ? undefined
      : Math.round(this.#clock.monotonicMs() - syncedAtMs);
  }

  lastError(mount: number): string | undefined {
    return this.#noted.get(mount)?.error;
  }

  skippedIn(mount: number): readonly string[] {
    return [...(this.#noted.get(mount)?.skipped ?? [])];
  }

  #of(mount: number): Noted {
    let noted = this.#noted.get(mount);
    if (noted === undefined) {
      noted = { syncedAtMs: undefined, error: undefined, skipped: new Set() };
      this.#noted.set(mount, noted);
    }
    return noted;
  }
}
