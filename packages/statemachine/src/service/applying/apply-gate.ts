/** Either entries are applied, or somebody looks at a state that stands still. */
export class ApplyGate {
  #applying: Promise<void> | undefined;
  #held: Promise<void> | undefined;

  /** `apply` returns undefined when it is done; one at a time. Waits while the state is held. */
  apply(apply: () => Promise<void> | undefined): Promise<void> | undefined {
    if (this.#held !== undefined) return this.#held.then(() => this.apply(apply));
    const applying = apply()?.finally(() => {
      this.#applying = undefined;
    });
    this.#applying = applying;
    return applying;
  }

  /** Runs `work` while nothing is applied, and settles as it does. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      const before = this.#applying ?? this.#held;
      if (before === undefined) break;
      await before.catch(() => {});
    }
    const result = work();
    const end = () => {
      this.#held = undefined;
    };
    this.#held = result.then(end, end);
    return await result;
  }
}
