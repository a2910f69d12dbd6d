import type { MemberId } from '../log/entry.js';

/** Where a member is reached, each as `host:port`. Its id says who it is; these may change. */
export interface Endpoints {
  /** By the other members. */
  readonly member: string;
  /** By clients. */
  readonly client?: string;
  /** Over HTTP. */
  readonly http?: string;
}

/** The endpoints of those members whose entry in the log named any. */
export type EndpointsByMember = Readonly<Record<MemberId, Endpoints>>;
