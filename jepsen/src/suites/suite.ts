import type { Database } from '../cluster/database.js';
import type { MemberPlace } from '../cluster/member.js';
import type { Client } from '../workloads/workload.js';

export interface ClientPlace {
  readonly members: readonly MemberPlace[];
  readonly process: number;
  /** It finds the leader anew for each call, or asks the member of its own, where the system has such a thing. */
  readonly keepsLeader: boolean;
}

/** A system under test: how to run it, and how clients carry out each workload's calls on it. */
export interface Suite {
  readonly name: string;
  /** One line. */
  readonly about: string;
  readonly database: Database;
  /** By the workloads' names: those that this system can be asked. */
  readonly clients: Readonly<Record<string, (place: ClientPlace) => Promise<Client>>>;
  /** Codes of errors that the system documents: any other is a fault. Not given: not checked. */
  readonly errorCodes?: ReadonlySet<string>;
}
