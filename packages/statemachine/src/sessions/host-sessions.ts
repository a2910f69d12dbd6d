import { ActivityOrder } from './activity-order.js';
import type { Session } from './session.js';

/** The sessions of one host. */
interface OfHost {
  readonly order: ActivityOrder<Session>;
  count: number;
}

const NONE: OfHost = { order: new ActivityOrder(), count: 0 };

/** Sessions by the host whose clients opened them, each host's in the order of their activity. */
export class HostSessions {
  readonly #hosts = new Map<string, OfHost>();

  count(host: string): number {
    return this.#of(host).count;
  }

  /** Least recently active first. */
  of(host: string): Iterable<Session> {
    return this.#of(host).order;
  }

  add({ host }: Session): void {
    const known = this.#hosts.get(host);
    if (known === undefined) this.#hosts.set(host, { order: new ActivityOrder(), count: 1 });
    else known.count++;
  }

  touch({ host, placeOfHost }: Session): void {
    this.#hosts.get(host)?.order.touch(placeOfHost);
  }

  remove({ host, placeOfHost }: Session): void {
    const known = this.#hosts.get(host);
    if (known === undefined) return;
    known.order.remove(placeOfHost);
    known.count--;
    if (known.count === 0) this.#hosts.delete(host);
  }

  #of(host: string): OfHost {
    return this.#hosts.get(host) ?? NONE;
  }
}
