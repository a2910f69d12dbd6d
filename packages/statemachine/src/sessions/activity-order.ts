import type { Session } from './session.js';

/** A session's place in one order of activity. */
export class ActivityPlace {
  readonly session: Session;
  older: ActivityPlace | undefined;
  newer: ActivityPlace | undefined;

  constructor(session: Session) {
    this.session = session;
  }
}

/** Sessions from the least to the most recently active: a list linked through their places. */
export class ActivityOrder {
  #oldest: ActivityPlace | undefined;
  #newest: ActivityPlace | undefined;

  get oldest(): Session | undefined {
    return this.#oldest?.session;
  }

  /** Oldest first. */
  *[Symbol.iterator](): Generator<Session> {
    for (let place = this.#oldest; place !== undefined; place = place.newer) yield place.session;
  }

  /** Adds a session, or moves it, to the most recent end. */
  touch(place: ActivityPlace): void {
    if (this.#newest === place) return;
    this.remove(place);
    place.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = place;
    else this.#newest.newer = place;
    this.#newest = place;
  }

  /** Does nothing to a session that is not in the list. */
  remove(place: ActivityPlace): void {
    const { older, newer } = place;
    if (older !== undefined) older.newer = newer;
    else if (this.#oldest === place) this.#oldest = newer;
    if (newer !== undefined) newer.older = older;
    else if (this.#newest === place) this.#newest = older;
    place.older = undefined;
    place.newer = undefined;
  }
}
