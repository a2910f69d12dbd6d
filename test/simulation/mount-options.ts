import type { StorageAccessOptions } from 'inode-app/mounts';
import type { Random } from './random.js';
import type { StorageWeatherOptions } from './storage/storage-weather.js';
import type { VirtualStorageOptions } from './storage/virtual-storage.js';

/** What of a run is about a storage that is mounted. */
export interface MountOptions {
  readonly clients: number;
  /** Mean time between an answer and the next request of a client. */
  readonly thinkMs: number;
  /** Mean time between two changes by somebody else. */
  readonly outsideMs: number;
  /** Of the mount. */
  readonly syncIntervalMs: number;
  readonly storage: VirtualStorageOptions & { readonly weather: StorageWeatherOptions };
  readonly access: StorageAccessOptions;
}

/** What a clock may be off is left of the time for which an answer is awaited. */
const LATE_SHARE = 0.9;
/** Shares of requests that come to nothing, or to something else than is answered. */
const RATES = [0, 0, 0.003, 0.02];

export function drawMountOptions(random: Random): MountOptions {
  const minRetryMs = random.integer(10, 100);
  const requestTimeoutMs = Math.round(random.magnitude(500, 5000));
  return {
    clients: random.integer(2, 3),
    thinkMs: random.magnitude(20, 500),
    outsideMs: random.magnitude(50, 2000),
    syncIntervalMs: random.pick([-1, 0, 100, 2000]),
    storage: {
      renames: random.chance(0.5),
      removesAtOnce: random.chance(0.3),
      pageEntries: random.integer(1, 4),
      weather: {
        maxLateMs: LATE_SHARE * requestTimeoutMs,
        wayMs: random.magnitude(0.5, 50),
        failing: random.pick(RATES),
        losing: random.pick(RATES),
        hanging: random.pick(RATES),
      },
    },
    access: {
      maxConcurrent: random.pick([1, 4, 16]),
      requestTimeoutMs,
      stepTimeoutMs: Math.round(random.magnitude(1000, 5000)),
      maxAttempts: random.integer(1, 5),
      minRetryMs,
      maxRetryMs: 10 * minRetryMs,
      maxSilences: random.integer(1, 3),
      maxProbeMs: 1000,
    },
  };
}
