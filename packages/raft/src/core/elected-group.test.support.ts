import { RaftGroup, type RaftGroupOptions } from '../testing/raft-group.js';
import type { RaftOptions } from './options.js';

export const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

/** Three members, or as the options say, that member 1 leads. */
export function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  const g = new RaftGroup({ size: 3, raft, ...options });
  g.elect(1);
  g.settle();
  return g;
}
