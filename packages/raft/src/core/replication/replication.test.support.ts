import { RaftGroup, type RaftGroupOptions } from '../../testing/raft-group.js';
import type { Message } from '../message.js';
import type { RaftOptions } from '../options.js';

/** Short timeouts. */
export const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

/** Three members with these. */
export function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  return new RaftGroup({ size: 3, raft, random: () => 0, ...options });
}

/** Rounds of heartbeats, with all that follows from them but what is dropped. */
export function heartbeats(
  g: RaftGroup,
  leader: number,
  times: number,
  drop?: (message: Message) => boolean,
): void {
  for (let i = 0; i < times; i++) {
    g.tick(leader);
    g.settle(drop);
  }
}
