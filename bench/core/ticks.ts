import { defaultRaftOptions } from 'raft-ts';
import { LEADER, type MemoryGroup, raftGroup } from './memory-group.js';
import { plainGroup } from './plain-copying.js';
import { payloadsOf } from './proposals.js';
import { median } from './statistics.js';

/** Each stretch holds as many heartbeats; the median of the stretches is reported. */
const STRETCH_TICKS = 10 * defaultRaftOptions.heartbeatTicks;
const STRETCHES = 21;
/** These do not count: the code is not compiled yet. */
const WARM_UP_STRETCHES = 6;
/** Copied in each stretch, to tell how fast the machine is at that moment. */
const PLAIN_PROPOSALS = 10_000;

/** What a tick costs in nanoseconds when nobody wants anything, heartbeats averaged over ticks. */
export interface TickFigures {
  readonly groups: number;
  /** `tick` and `takeEffects` of a leader; making the heartbeats is part of it. */
  readonly leaderNs: number;
  /** The same of a follower. */
  readonly followerNs: number;
  /** Taking in a group's heartbeats and their answers, at all three members. */
  readonly messagesNs: number;
  /** All of it for all groups, a third: what a process pays that holds one member of each. */
  readonly processMicroseconds: number;
  /** Copying one proposal to three members without Raft, measured in turns with the ticks. */
  readonly plainProposalNs: number;
}

/** Groups of three without proposals or reads; every member ticks and hears from its leader. */
export function measureTicks(groups: number): TickFigures {
  const all = Array.from({ length: groups }, () => raftGroup());
  const plain = plainGroup();
  const stretches = Array.from({ length: WARM_UP_STRETCHES + STRETCHES }, () =>
    stretch(all, plain),
  );
  checkIdle(all);
  const counted = stretches.slice(WARM_UP_STRETCHES);
  const typical = (part: keyof Stretch) =>
    (median(counted.map((each) => each[part])) * 1e6) / STRETCH_TICKS / groups;
  const leaderNs = typical('leadersMs');
  const followersNs = typical('followersMs');
  const messagesNs = typical('messagesMs');
  return {
    groups,
    leaderNs: Math.round(leaderNs),
    followerNs: Math.round(followersNs / 2),
    messagesNs: Math.round(messagesNs),
    processMicroseconds: Math.round(((leaderNs + followersNs + messagesNs) * groups) / 3 / 1000),
    plainProposalNs: Math.round(
      (median(counted.map(({ plainMs }) => plainMs)) * 1e6) / PLAIN_PROPOSALS,
    ),
  };
}

interface Stretch {
  readonly leadersMs: number;
  readonly followersMs: number;
  readonly messagesMs: number;
  readonly plainMs: number;
}

function stretch(groups: readonly MemoryGroup[], plain: MemoryGroup): Stretch {
  let [leadersMs, followersMs, messagesMs] = [0, 0, 0];
  for (let tick = 0; tick < STRETCH_TICKS; tick++) {
    leadersMs += timed(groups, tickLeader);
    followersMs += timed(groups, tickFollowers);
    messagesMs += timed(groups, settle);
  }
  return { leadersMs, followersMs, messagesMs, plainMs: copyPlainly(plain) };
}

function copyPlainly(plain: MemoryGroup): number {
  const payloads = payloadsOf(1);
  const start = performance.now();
  for (let i = 0; i < PLAIN_PROPOSALS; i++) plain.propose(payloads);
  return performance.now() - start;
}

function timed(groups: readonly MemoryGroup[], step: (group: MemoryGroup) => void): number {
  const start = performance.now();
  for (const group of groups) step(group);
  return performance.now() - start;
}

function tickLeader(group: MemoryGroup): void {
  group.tick(LEADER);
}

function tickFollowers(group: MemoryGroup): void {
  for (const id of group.followerIds) group.tick(id);
}

function settle(group: MemoryGroup): void {
  group.settle();
}

/** An election in between would be measured as if it were a tick. */
function checkIdle(groups: readonly MemoryGroup[]): void {
  if (groups.some((group) => group.member(LEADER).appliedIndex !== group.startIndex)) {
    throw new Error('a group was not idle while its ticks were measured');
  }
}
