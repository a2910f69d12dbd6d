import { setTimeout as pause } from 'node:timers/promises';
import { NamespaceClient } from 'inode-app';
import type { Random } from '../simulation/random.js';
import type { Outcomes } from './outcomes.js';
import { isCode, Unit, type UnitParts } from './unit.js';

/** Steps in one unit. */
const UNIT_STEPS = 40;
/** Milliseconds: some calls end without an answer, and others outlast what happens. */
const TIMEOUTS_MS = [2_000, 6_000, 20_000];
/** After a refusal, milliseconds. */
const REFUSED_PAUSE_MS = 100;

/** A client that changes things in one mount, and knows what has to be there. */
export class LoadClient {
  readonly units: Unit[] = [];
  readonly ended: Promise<void>;
  readonly #parts: UnitParts;
  #ending = false;

  constructor(
    path: string,
    addresses: readonly string[],
    { random, outcomes }: { readonly random: Random; readonly outcomes: Outcomes },
  ) {
    const client = new NamespaceClient({ addresses, timeoutMs: random.pick(TIMEOUTS_MS) });
    this.#parts = { client, random, outcomes };
    this.ended = this.#run(path).finally(() => client.close());
    this.ended.catch(() => {});
  }

  end(): Promise<void> {
    this.#ending = true;
    return this.ended;
  }

  async #run(home: string): Promise<void> {
    for (let number = 0; !this.#ending; number += 1) {
      const path = `${home}/unit-${number}`;
      if (!(await this.#begin(path))) continue;
      const unit = new Unit(path, this.#parts);
      this.units.push(unit);
      for (let step = 0; step < UNIT_STEPS && !this.#ending; step += 1) {
        const { outcomes } = this.#parts;
        const before = outcomes.unanswered;
        if (!(await unit.next())) break;
        if (outcomes.unanswered > before) await pause(REFUSED_PAUSE_MS);
      }
    }
  }

  /** False where nobody knows whether it is there. */
  async #begin(path: string): Promise<boolean> {
    const { client, outcomes } = this.#parts;
    while (!this.#ending) {
      try {
        await client.mkdir(path, { parents: true });
        return true;
      } catch (error) {
        if (isCode(error, 'ALREADY_EXISTS')) outcomes.fault(`${path} exists, and was never made`);
        if (outcomes.failed(`mkdir -p ${path}`, error) === 'unknown') return false;
        await pause(REFUSED_PAUSE_MS);
      }
    }
    return false;
  }
}
