import type { JsonObject } from '../../histories/json.js';

/** A reason for which something is kept from its ordinary state. It returns there with the last reason. */
export interface Hold {
  /** Further calls do nothing. */
  release(): Promise<void>;
}

type Undo = () => Promise<JsonObject | undefined>;

/** What a strike has to undo: the last first, and all of it even where one fails. */
export class HoldStack {
  readonly #undos: Undo[] = [];

  add(hold: Hold): void {
    this.defer(async () => {
      await hold.release();
      return undefined;
    });
  }

  /** All that come, even where one fails: its failure is thrown then. */
  async addAll(holds: readonly Promise<Hold>[]): Promise<void> {
    const settled = await Promise.allSettled(holds);
    for (const result of settled) if (result.status === 'fulfilled') this.add(result.value);
    for (const result of settled) if (result.status === 'rejected') throw result.reason;
  }

  /** @param undo what it returns is told in the history */
  defer(undo: Undo): void {
    this.#undos.push(undo);
  }

  /** @throws AggregateError where something could not be undone, once the rest is */
  async release(): Promise<JsonObject> {
    const failures: unknown[] = [];
    let found: JsonObject = {};
    for (let undo = this.#undos.pop(); undo !== undefined; undo = this.#undos.pop()) {
      try {
        found = { ...found, ...(await undo()) };
      } catch (failure) {
        failures.push(failure);
      }
    }
    const [first] = failures;
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '));
    if (first !== undefined) throw first;
    return found;
  }
}
