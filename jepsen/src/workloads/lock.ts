import { lockChecker } from '../checkers/lock/lock-checker.js';
import type { CallInput } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import type { Random } from '../random.js';
import type { Generator, Workload } from './workload.js';

const LOCKS = ['l0', 'l1', 'l2'];
/** So short that a lock whose holder never learned of it is free again soon. */
const LEASE_MS = 1_000;
const WRITES = 0.7;
/** Writes in the name of a token that was given back: whoever guards has to refuse them, or not, by what came later. */
const STALE_WRITES = 0.1;

export const lock: Workload = {
  name: 'lock',
  proves:
    'a lock has one holder at a time, and what it guards takes no write of one that others came after',
  calls: ['acquire', 'release', 'write'],
  generator: (random) => new LockGenerator(random),
  finalCalls: () => [],
  checkers: () => [lockChecker],
};

/** Each client takes a lock, writes in its name, and gives it back; now and then it writes once more. */
class LockGenerator implements Generator {
  readonly #random: Random;
  readonly #held = new Map<number, { readonly lock: string; readonly token: number }>();
  readonly #given = new Map<number, { readonly lock: string; readonly token: number }>();

  constructor(random: Random) {
    this.#random = random;
  }

  next(process: number): CallInput {
    const held = this.#held.get(process);
    const given = this.#given.get(process);
    if (held !== undefined) {
      if (this.#random.chance(WRITES)) return { kind: 'write', ...held };
      this.#held.delete(process);
      this.#given.set(process, held);
      return { kind: 'release', ...held };
    }
    if (given !== undefined && this.#random.chance(STALE_WRITES))
      return { kind: 'write', ...given };
    return { kind: 'acquire', lock: this.#random.pick(LOCKS), leaseMs: LEASE_MS };
  }

  answered(process: number, { kind, lock }: CallInput, output: Json): void {
    if (kind !== 'acquire' || typeof output !== 'number' || typeof lock !== 'string') return;
    this.#held.set(process, { lock, token: output });
  }
}
