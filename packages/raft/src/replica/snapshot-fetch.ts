import type { LogBase } from '../core/log/log-state.js';
import { RaftError } from '../errors.js';
import type {
  FetchedSnapshot,
  SnapshotRequest,
  SnapshotSource,
} from '../snapshot/snapshot-source.js';

/** What becomes of a fetch. */
export interface FetchOutcome {
  /** True: keep it, it will be installed. */
  readonly fetched: (base: LogBase) => boolean;
  readonly failed: (index: number) => void;
}

/** The one snapshot that a member fetches, and then installs. A newer offer takes its place. */
export class SnapshotFetch {
  readonly #source: SnapshotSource | undefined;
  readonly #outcome: FetchOutcome;
  #underWay: AbortController | undefined;
  #kept: FetchedSnapshot | undefined;

  constructor(source: SnapshotSource | undefined, outcome: FetchOutcome) {
    this.#source = source;
    this.#outcome = outcome;
  }

  /** Resolves when that fetch has ended, in whatever way. */
  async fetch(request: SnapshotRequest): Promise<void> {
    this.abort();
    const controller = new AbortController();
    this.#underWay = controller;
    const snapshot = await this.#tryFetch(request, controller.signal);
    if (this.#underWay !== controller) {
      await snapshot?.[Symbol.asyncDispose]();
      return;
    }
    this.#underWay = undefined;
    if (snapshot === undefined) this.#outcome.failed(request.index);
    else await this.#take(snapshot, request);
  }

  async #tryFetch(
    request: SnapshotRequest,
    signal: AbortSignal,
  ): Promise<FetchedSnapshot | undefined> {
    try {
      return await this.#source?.fetch(request, signal);
    } catch {
      // The leader is told that it failed, and offers again; nothing here has changed.
      return undefined;
    }
  }

  async #take(snapshot: FetchedSnapshot, { index }: SnapshotRequest): Promise<void> {
    if (snapshot.base.index < index) {
      await snapshot[Symbol.asyncDispose]();
      this.#outcome.failed(index);
    } else if (this.#outcome.fetched(snapshot.base)) {
      this.#kept = snapshot;
    } else {
      await snapshot[Symbol.asyncDispose]();
    }
  }

  /** Installs what was kept. */
  async install(base: LogBase): Promise<void> {
    const snapshot = this.#kept;
    if (snapshot?.base.index !== base.index) {
      throw new RaftError('SNAPSHOT_FAILED', `no state as of ${base.index} was fetched`);
    }
    this.#kept = undefined;
    await using installed = snapshot;
    await installed.install();
  }

  /** Gives up what is being fetched. */
  abort(): void {
    this.#underWay?.abort(new RaftError('SNAPSHOT_FAILED', 'another fetch took its place'));
    this.#underWay = undefined;
  }

  /** Gives up everything, because the member stops. */
  async close(): Promise<void> {
    this.abort();
    await this.#kept?.[Symbol.asyncDispose]();
    this.#kept = undefined;
  }
}
