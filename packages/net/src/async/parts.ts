/** What was opened, to be closed in the opposite order. */
export class Parts {
  readonly #closers: (() => Promise<void>)[] = [];

  add<Part extends { close(): Promise<void> }>(part: Part): Part {
    this.#closers.unshift(() => part.close());
    return part;
  }

  /** Closes everything, also when a part fails at it; then rejects with the first failure. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0)) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
