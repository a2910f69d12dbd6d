import type { StorageErrorCode } from 'inode-app/storages';
import type { MemberId } from 'raft-ts';
import type { Random } from '../random.js';

/** How a storage answers as long as nothing is wrong with it, and how often it does not. */
export interface StorageWeatherOptions {
  /**
   * A request takes effect within so many milliseconds of being sent, or given up, or never: less than the product waits
   * before it lets others change what one may still change.
   */
  readonly maxLateMs: number;
  /** Mean of each way, milliseconds. */
  readonly wayMs: number;
  /** Shares of requests that fail before they take effect, take effect and are not answered, hang. */
  readonly failing: number;
  readonly losing: number;
  readonly hanging: number;
}

/** Mean of each way once all is well. */
const FAIR_WAY_MS = 1;

/** What is wrong with a storage for a while. */
export type StorageTrouble =
  | 'unreachable'
  | 'busy'
  | 'failing'
  | 'forbidden'
  | 'losing'
  | 'hanging';

/** What becomes of one request. */
export interface Fate {
  /** When it takes effect; undefined: never. */
  readonly reachMs: number | undefined;
  /** That counts from when it is given up. */
  readonly givenUp: boolean;
  /** How long after that it is answered; undefined: never. */
  readonly answerMs: number | undefined;
  /** What is answered in place of what came of it. */
  readonly code: StorageErrorCode | undefined;
}

/** What a storage is like at each moment, for each member. */
export class StorageWeather {
  readonly #random: Random;
  readonly #options: StorageWeatherOptions;
  readonly #troubles = new Set<{
    readonly what: StorageTrouble;
    readonly members: ReadonlySet<MemberId>;
  }>();
  #slowness = 1;
  #fair = false;

  constructor(random: Random, options: StorageWeatherOptions) {
    this.#random = random;
    this.#options = options;
  }

  /** From now on nothing goes wrong any more, and nothing takes long. */
  clearUp(): void {
    this.#fair = true;
  }

  /** Until what is returned is called, for these members. */
  begin(what: StorageTrouble, members: readonly MemberId[]): () => void {
    const trouble = { what, members: new Set(members) };
    this.#troubles.add(trouble);
    return () => void this.#troubles.delete(trouble);
  }

  slowDown(factor: number): () => void {
    this.#slowness *= factor;
    return () => {
      this.#slowness /= factor;
    };
  }

  fate(member: MemberId): Fate {
    const random = this.#random;
    const { maxLateMs } = this.#options;
    const wayMs = this.#fair ? FAIR_WAY_MS : this.#options.wayMs;
    const reachMs = Math.min(random.exponential(wayMs * this.#slowness), maxLateMs);
    const answerMs = random.exponential(wayMs * this.#slowness);
    const given = { reachMs, answerMs, givenUp: false, code: undefined };
    const fails = (code: StorageErrorCode) => ({ ...given, reachMs: undefined, code });
    switch (this.#trouble(member)) {
      case 'unreachable':
        return fails('UNREACHABLE');
      case 'busy':
        return fails('BUSY');
      case 'failing':
        return fails(random.pick(['FAILED', 'UNREACHABLE', 'BUSY']));
      case 'forbidden':
        return fails('FORBIDDEN');
      case 'losing':
        return { ...given, code: random.pick(['UNREACHABLE', 'FAILED']) };
      case 'hanging':
        return {
          reachMs: random.chance(0.6) ? random.between(0, maxLateMs) : undefined,
          givenUp: random.chance(0.5),
          answerMs: undefined,
          code: undefined,
        };
      default:
        return given;
    }
  }

  #trouble(member: MemberId): StorageTrouble | undefined {
    for (const { what, members } of this.#troubles) if (members.has(member)) return what;
    const { failing, losing, hanging } = this.#options;
    const drawn = this.#random.next();
    if (this.#fair || drawn >= failing + losing + hanging) return undefined;
    if (drawn < failing) return 'failing';
    return drawn < failing + losing ? 'losing' : 'hanging';
  }
}
