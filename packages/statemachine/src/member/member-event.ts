import type { RpcServerEvent } from '@raft-ts/net';
import type { ReplicaEvent, TransportEvent } from 'raft-ts';
import type { InMemoryMachineEvent } from '../machine/in-memory-machine.js';
import type { MemberSnapshotsEvent } from '../snapshots/member-snapshots.js';

/** What an operator may want to know, and which part of a member tells it; nothing that has to be reacted to. */
export type MemberEvent =
  /** The log was damaged: it is kept aside, and the others bring the member up to date. */
  | { readonly part: 'log'; readonly event: { readonly type: 'replaced'; readonly reason: string } }
  /** The addresses that it was given lead to another cluster, in which it changes nothing. */
  | {
      readonly part: 'membership';
      readonly event: { readonly type: 'foreign-cluster'; readonly clusterId: string };
    }
  | { readonly part: 'machine'; readonly event: InMemoryMachineEvent }
  | { readonly part: 'replica'; readonly event: ReplicaEvent }
  | { readonly part: 'snapshots'; readonly event: MemberSnapshotsEvent }
  /** Of the endpoint for other members. */
  | { readonly part: 'members'; readonly event: TransportEvent }
  /** Of the endpoint for clients. */
  | { readonly part: 'clients'; readonly event: RpcServerEvent };
