import type { RpcConnection } from '@raft-ts/net';
import type { ConnectionLease } from './shared-connections.js';

/** The connection to a member that requests are sent to. */
export class MemberLink {
  readonly connection: RpcConnection;
  readonly #lease: ConnectionLease;
  /** Requests on their way. */
  inFlight = 0;
  /** Ticks since anything was heard, while something is on its way. */
  quietTicks = 0;
  /** Another member is looked for; it is closed once nothing is on its way. */
  retired = false;
  /** Whether a request was answered with success over it. */
  served = false;

  constructor(lease: ConnectionLease) {
    this.connection = lease.connection;
    this.#lease = lease;
  }

  sent(): void {
    if (this.inFlight++ === 0) this.quietTicks = 0;
  }

  heard(): void {
    this.inFlight--;
    this.quietTicks = 0;
    if (this.retired && this.inFlight === 0) this.close();
  }

  /** Takes nothing more; what is on its way may still be answered. */
  retire(): void {
    this.retired = true;
    if (this.inFlight === 0) this.close();
  }

  close(): void {
    this.#lease.release();
  }
}
