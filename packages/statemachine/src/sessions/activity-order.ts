/** What somebody's place is in one order of activity. */
export class ActivityPlace<Holder> {
  readonly holder: Holder;
  older: ActivityPlace<Holder> | undefined;
  newer: ActivityPlace<Holder> | undefined;

  constructor(holder: Holder) {
    this.holder = holder;
  }
}

/** Holders of places from the least to the most recently active: a list linked through the places. */
export class ActivityOrder<Holder> {
  #oldest: ActivityPlace<Holder> | undefined;
  #newest: ActivityPlace<Holder> | undefined;

  get oldest(): Holder | undefined {
    return this.#oldest?.holder;
  }

  /** Oldest first. */
  *[Symbol.iterator](): Generator<Holder> {
    for (let place = this.#oldest; place !== undefined; place = place.newer) yield place.holder;
  }

  /** Adds a place, or moves it, to the most recent end. */
  touch(place: ActivityPlace<Holder>): void {
    if (this.#newest === place) return;
    this.remove(place);
    place.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = place;
    else this.#newest.newer = place;
    this.#newest = place;
  }

  /** Does nothing to one that is not in the list. */
  remove(place: ActivityPlace<Holder>): void {
    const { older, newer } = place;
    if (older !== undefined) older.newer = newer;
    else if (this.#oldest === place) this.#oldest = newer;
    if (newer !== undefined) newer.older = older;
    else if (this.#newest === place) this.#newest = older;
    place.older = undefined;
    place.newer = undefined;
  }
}
