import { registerLinearizability } from '../checkers/linearizability/linearizability-checkers.js';
import type { CallInput } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import type { Random } from '../random.js';
import type { Generator, Workload, WorkloadOptions } from './workload.js';

/** So few that clients collide, so many that each one's history is judged soon. */
const CLIENTS_PER_KEY = 2;
const READS = 0.5;
const COMPARE_AND_SETS = 0.2;

export const register: Workload = {
  name: 'register',
  proves:
    'reads, writes and compare-and-sets of each key take effect at one moment between call and answer',
  calls: ['read', 'write', 'compare-and-set'],
  generator: (random, options) => new RegisterGenerator(random, options),
  finalCalls: (options) => keysOf(options).map((key) => ({ kind: 'read', key })),
  checkers: () => [registerLinearizability],
};

/** Writes values that are written once, and sets those that were seen last. */
class RegisterGenerator implements Generator {
  readonly #random: Random;
  readonly #keys: readonly string[];
  readonly #seen = new Map<Json, Json>();
  #written = 0;

  constructor(random: Random, options: WorkloadOptions) {
    this.#random = random;
    this.#keys = keysOf(options);
  }

  next(): CallInput {
    const key = this.#random.pick(this.#keys);
    const drawn = this.#random.fraction();
    if (drawn < READS) return { kind: 'read', key };
    const value = ++this.#written;
    const from = this.#seen.get(key);
    return drawn < READS + COMPARE_AND_SETS && from !== undefined
      ? { kind: 'compare-and-set', key, from, to: value }
      : { kind: 'write', key, value };
  }

  answered(
    _process: number,
    { kind, key = null, value = null, to = null }: CallInput,
    output: Json,
  ) {
    if (kind === 'read') this.#seen.set(key, output);
    else if (kind === 'write') this.#seen.set(key, value);
    else if (output === true) this.#seen.set(key, to);
  }
}

function keysOf({ clients }: WorkloadOptions): readonly string[] {
  const count = Math.max(1, Math.ceil(clients / CLIENTS_PER_KEY));
  return Array.from({ length: count }, (_, at) => `k${at}`);
}
