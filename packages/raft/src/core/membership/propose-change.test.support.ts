import { expect } from 'vitest';
import { RaftGroup, type RaftGroupOptions } from '../../testing/raft-group.js';
import type { Message } from '../message.js';
import type { RaftOptions } from '../options.js';
import type { Configuration } from './configuration.js';
import type { MemberChange } from './membership-change.js';

export const raft: Partial<RaftOptions> = { electionTicks: 10, heartbeatTicks: 1 };

export function group(options: Partial<RaftGroupOptions> = {}): RaftGroup {
  return new RaftGroup({ size: 3, raft, random: () => 0, ...options });
}

export function configurationOf(g: RaftGroup, id: number): Configuration {
  return g.raft(id).status().membership.configuration;
}

export function remove(id: number): MemberChange {
  return { type: 'remove', id };
}

export function addVoter(id: number): MemberChange {
  return { type: 'add-voter', id };
}

export function heartbeats(g: RaftGroup, leader: number, times: number): void {
  for (let i = 0; i < times; i++) {
    g.tick(leader);
    g.settle();
  }
}

/** Everybody but `id` forgets the leader; then `id` campaigns, and what `drop` picks is lost. */
export function electAmong(
  g: RaftGroup,
  id: number,
  others: readonly number[],
  drop: (message: Message) => boolean,
): void {
  for (const other of others) g.tick(other, 10);
  g.network = [];
  g.campaign(id);
  g.settle(drop);
  expect(g.raft(id).role).toBe('leader');
}
