import { connect, type Socket } from 'node:net';
import type { SocketAddress } from './connecting-process.js';
import type { Link, LinkUser } from './link.js';
import { Passage, resetSocket } from './passage.js';

/** What leads from who connects to the member, and back. */
export interface LinkPair {
  readonly there: Link;
  readonly back: Link;
}

/** One connection through a proxy: two sockets, and what passes between them. */
export class ProxiedConnection implements LinkUser {
  readonly #near: Socket;
  readonly #to: SocketAddress;
  readonly #links: LinkPair;
  readonly #there: Passage;
  readonly #events: ConnectionEvents;
  #far: Socket | undefined;
  #back: Passage | undefined;
  #isClosed = false;

  constructor(near: Socket, to: SocketAddress, links: LinkPair, events: ConnectionEvents) {
    this.#near = near;
    this.#to = to;
    this.#links = links;
    this.#events = events;
    this.#there = new Passage(near, links.there);
    near.on('close', () => this.#closeIfDone());
    near.on('error', () => this.#giveUp());
    near.on('end', () => this.#giveUp());
    links.there.users.add(this);
    links.back.users.add(this);
    this.linkChanged();
  }

  /** Connects once packets come through both ways: before, no connection comes about. */
  linkChanged(): void {
    const { there, back } = this.#links;
    if (this.#isClosed || this.#far !== undefined || there.isCut || back.isCut) return;
    const { address, port } = this.#to;
    const far = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    far.on('close', () => this.#closeIfDone());
    far.on('error', (error) => {
      if ('code' in error && error.code === 'ECONNREFUSED') this.#events.refused();
    });
    this.#far = far;
    this.#back = new Passage(far, back);
    this.#back.open(this.#near);
    this.#there.open(far);
  }

  reset(): void {
    resetSocket(this.#near);
    if (this.#far !== undefined) resetSocket(this.#far);
    this.#close();
  }

  /** Who connected has closed before a connection came about. */
  #giveUp(): void {
    if (this.#far !== undefined) return;
    this.#near.destroy();
    this.#close();
  }

  #closeIfDone(): void {
    if (this.#near.destroyed && this.#far?.destroyed !== false) this.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#links.there.users.delete(this);
    this.#links.back.users.delete(this);
    this.#there.close();
    this.#back?.close();
    this.#events.closed();
  }
}

export interface ConnectionEvents {
  /** Nobody listens there. */
  refused(): void;
  closed(): void;
}
