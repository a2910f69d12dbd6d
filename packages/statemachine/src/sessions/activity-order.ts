import type { Session } from './session.js';

/** Sessions from the least to the most recently active: a list linked through the sessions. */
export class ActivityOrder {
  #oldest: Session | undefined;
  #newest: Session | undefined;

  get oldest(): Session | undefined {
    return this.#oldest;
  }

  /** Adds a session, or moves it, to the most recent end. */
  touch(session: Session): void {
    if (this.#newest === session) return;
    this.remove(session);
    session.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = session;
    else this.#newest.newer = session;
    this.#newest = session;
  }

  /** Does nothing to a session that is not in the list. */
  remove(session: Session): void {
    const { older, newer } = session;
    if (older !== undefined) older.newer = newer;
    else if (this.#oldest === session) this.#oldest = newer;
    if (newer !== undefined) newer.older = older;
    else if (this.#newest === session) this.#newest = older;
    session.older = undefined;
    session.newer = undefined;
  }
}
