/** Carries out what concerns one member one after another, and what concerns others at the same time. */
export class Turns {
  readonly #last = new Map<number, Promise<unknown>>();

  take<Result>(member: number, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(member) ?? Promise.resolve();
    const done = before.then(work, work);
    this.#last.set(member, done);
    return done;
  }
}
