import { type Refusable, refuseFirst } from '../channel/handshake.js';
import { NetError } from '../errors.js';

/** A connection that may also be ended once it was taken in. */
export interface Admissible extends Refusable {
  /** Ends it soon, and tells the other side why. */
  cutOff(reason: string): void;
}

export interface AdmissionLimits {
  /** Connections that have greeted. */
  readonly maxConnections: number;
  /** Connections that have not. */
  readonly maxUngreeted: number;
}

/** Which of the connections that come to a server are taken in, and which have to go. */
export class Admission<Connection extends Admissible> {
  readonly #maxUngreeted: number;
  #maxConnections: number;
  /** In the order in which they came or greeted. */
  readonly #ungreeted = new Set<Connection>();
  readonly #greeted = new Set<Connection>();

  constructor({ maxConnections, maxUngreeted }: AdmissionLimits) {
    this.#maxConnections = maxConnections;
    this.#maxUngreeted = maxUngreeted;
  }

  /** It was accepted, and has not greeted. Where there are too many of those, the first has to go. */
  came(connection: Connection): void {
    this.#ungreeted.add(connection);
    refuseFirst(this.#ungreeted, this.#maxUngreeted);
  }

  /** It is taken in. Throws RPC_OVERLOADED where there is no room. */
  greeted(connection: Connection): void {
    const max = this.#maxConnections;
    if (this.#greeted.size >= max) {
      throw new NetError(
        'RPC_OVERLOADED',
        `this server is at its limit of ${max} connections; try another one, or later`,
      );
    }
    this.#ungreeted.delete(connection);
    this.#greeted.add(connection);
  }

  /** It is closed, or none of those that are counted. */
  gone(connection: Connection): void {
    this.#ungreeted.delete(connection);
    this.#greeted.delete(connection);
  }

  /** Takes the place of `maxConnections`. Where there are more, those that came last are cut off. */
  limit(maxConnections: number): void {
    this.#maxConnections = maxConnections;
    for (const connection of [...this.#greeted].slice(maxConnections)) {
      connection.cutOff(`this server can keep ${maxConnections} connections from here on`);
    }
  }
}
