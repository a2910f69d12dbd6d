import type { MemberId, ReplicaOptions, ReplicaStatus } from 'raft-ts';
import type { Coverage } from '../coverage.js';
import type { SimulationOptions } from '../options.js';
import type { Random } from '../random.js';
import type { SimulatedMounts } from '../simulated-mounts.js';
import type { VirtualTime } from '../time.js';
import type { Trace } from '../trace.js';
import type { Watch } from '../watch.js';
import type { HttpExchange } from '../wire/http.js';
import type { VirtualNetwork } from '../wire/network.js';
import type { RpcExchange } from '../wire/rpc.js';
import type { MessageExchange } from '../wire/transport.js';
import type { Moment } from './moment.js';

/** What a member shares with the others. */
export interface MemberParts {
  readonly options: SimulationOptions;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly network: VirtualNetwork;
  readonly rpc: RpcExchange;
  readonly coverage: Coverage;
  readonly trace: Trace;
  readonly messages: MessageExchange;
  readonly http: HttpExchange;
  /** Asked for once the cluster stands: the properties look at it. */
  readonly watch: () => Watch;
  /** Undefined where nothing is mounted. */
  readonly mounts: () => SimulatedMounts | undefined;
  /** Called after each turn in which role or term changed. */
  readonly onRole: (id: MemberId, now: ReplicaStatus, before: ReplicaStatus | undefined) => void;
  readonly onMoment: (moment: Moment, id: MemberId) => void;
  /** What a founder is told. */
  readonly founding: () => Pick<ReplicaOptions, 'initialVoters' | 'initialEndpoints'>;
  /** Called when a member stopped by itself. */
  readonly onStopped: (id: MemberId, error: Error) => void;
}
