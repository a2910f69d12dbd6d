import { describe, expect, it } from 'vitest';
import { RaftGroup } from '../testing/raft-group.js';
import { checkState } from './check-state.js';
import { becomeCandidate, becomeFollower, becomeLeader } from './election/roles.js';
import { EMPTY_HARD_STATE } from './log/entry.js';
import { EMPTY_BASE, type LogState } from './log/log-state.js';
import { afterBootstrap, bootstrapWrite } from './membership/bootstrap.js';
import { EMPTY_CONFIGURATION } from './membership/configuration.js';
import { EMPTY_MEMBERSHIP } from './membership/membership.js';
import { defaultRaftOptions } from './options.js';
import { Raft } from './raft.js';
import { RaftState } from './state.js';

const raft = { electionTicks: 10, heartbeatTicks: 1 };
const empty: LogState = {
  hardState: EMPTY_HARD_STATE,
  base: EMPTY_BASE,
  lastIndex: 0,
  termRuns: [],
  sizes: [],
  membershipEntries: [],
};
const founded = afterBootstrap(empty, bootstrapWrite([1, 2, 3], [], {}));

/** Member 1 of three; `role` as after an election of its own. */
function member(role: 'follower' | 'candidate' | 'leader', log = founded): RaftState {
  const options = { ...defaultRaftOptions, ...raft, maxPendingReads: 2 };
  const state = new RaftState({ id: 1, options, random: () => 0, log, applied: log.lastIndex });
  if (role === 'follower') becomeFollower(state, state.term, 0);
  else becomeCandidate(state);
  if (role === 'leader') becomeLeader(state);
  return state;
}

type Break = (state: RaftState) => void;

const BROKEN: readonly (readonly [string, 'follower' | 'candidate' | 'leader', Break])[] = [
  ['nothing is durable that the log', 'follower', ({ log }) => log.writes.finished(addWrite(log))],
  ['terms never fall', 'follower', (state) => Object.assign(state, { term: 0 })],
  [
    'a vote stays as long as its term',
    'candidate',
    (state) => {
      state.handedOut = { ...state.handedOut, term: state.term, votedFor: 2 };
    },
  ],
  ['no more reads wait', 'leader', ({ reads }) => addReads(reads, 3)],
  [
    'a promise to elect nobody ends',
    'follower',
    (state) => Object.assign(state, { promisedToTick: 99 }),
  ],
  ['a member that has lost what it', 'candidate', (state) => Object.assign(state, { recovery: 7 })],
  ['a member without its state', 'candidate', ({ log }) => log.installState(log.base)],
  ['a leader follows itself', 'leader', (state) => Object.assign(state, { leader: 2 })],
  ['only a leader follows itself', 'follower', (state) => Object.assign(state, { leader: 1 })],
  ['only who campaigns counts', 'leader', ({ votes }) => void votes.set(2, true)],
  ['only who campaigns counts', 'follower', ({ votes }) => void votes.set(2, true)],
  [
    "a leader's log ends in its term",
    'leader',
    (state) => Object.assign(state, { term: state.term + 1 }),
  ],
  [
    'a leader waits for changes',
    'leader',
    (state) => Object.assign(state, { pendingChangeIndex: 9 }),
  ],
  [
    'only a leader proposes changes',
    'follower',
    (state) => Object.assign(state, { pendingChangeIndex: 1 }),
  ],
  [
    'no read is confirmed before',
    'leader',
    ({ reads }) => {
      addReads(reads, 1);
      reads.beginWithReads(1);
    },
  ],
  ['a leader asks nobody', 'leader', ({ remoteReads }) => void remoteReads.add(1, 0)],
  ['who asks for an index', 'follower', ({ remoteReads }) => void remoteReads.add(1, 0)],
  ['only a leader confirms reads', 'follower', ({ reads }) => addReads(reads, 1)],
  ['only a leader has proposals', 'follower', ({ proposals }) => proposals.add(2, 10)],
  [
    'only a leader follows the progress',
    'follower',
    (state) => Object.assign(state, { progress: member('leader').progress }),
  ],
  [
    'only a leader holds a lease',
    'follower',
    ({ lease }) => {
      lease.roundLeft(1, 0);
      lease.confirm(1);
    },
  ],
  ['who campaigns knows no leader', 'candidate', (state) => Object.assign(state, { leader: 2 })],
  [
    'a candidate has voted for itself',
    'candidate',
    (state) => Object.assign(state, { votedFor: 2 }),
  ],
  [
    'match is below next',
    'leader',
    (state) => void state.progress.get(2)?.becomeSnapshot(state.log.lastIndex + 1, 0),
  ],
  ['a state was offered', 'leader', (state) => void state.progress.get(2)?.becomeSnapshot(0, 0)],
  [
    'handing over the lead ends',
    'leader',
    (state) => Object.assign(state, { transfer: { target: 2, ticks: 10, givenUp: false } }),
  ],
  [
    'a leader hands over',
    'leader',
    (state) => Object.assign(state, { transfer: { target: 9, ticks: 0, givenUp: false } }),
  ],
];

/** A write that is known to hold more than the log. */
function addWrite(log: RaftState['log']): number {
  log.writes.started(1, log.lastIndex + 1, 0);
  return 1;
}

function addReads(reads: RaftState['reads'], count: number): void {
  for (let context = 0; context < count; context++) reads.add({ from: 1, context });
}

describe('the state of a member', () => {
  it.each(['follower', 'candidate', 'leader'] as const)('is sound as a %s', (role) => {
    expect(() => checkState(member(role))).not.toThrow();
  });

  it.each(BROKEN)('is refused where not: %s (%s)', (rule, role, breakIt) => {
    const state = member(role);
    breakIt(state);
    expect(() => checkState(state)).toThrow(rule);
  });

  it('is refused where who campaigns is no voter', () => {
    const strangers = afterBootstrap(empty, bootstrapWrite([2, 3], [1], {}));
    expect(() => checkState(member('candidate', strangers))).toThrow('only a voter campaigns');
    expect(() => checkState(member('leader', strangers))).toThrow('only a voter campaigns');
  });
});

describe('a member', () => {
  it('does not campaign while it lacks the state that its log begins behind', () => {
    const configuration = { ...EMPTY_CONFIGURATION, voters: [1, 2, 3] };
    const membership = { ...EMPTY_MEMBERSHIP, index: 1, configuration };
    const base = { index: 5, term: 1, membership };
    const log = { ...empty, base, lastIndex: 5 };
    const lacking = new Raft({ id: 1, log, applied: 0, options: raft, random: () => 0 });
    lacking.campaign();
    expect(lacking.takeEffects()).toEqual([]);
    expect(lacking.role).toBe('follower');
  });

  it('gives up reads that it asked its leader for when it campaigns itself', () => {
    const g = new RaftGroup({ size: 3, raft, random: () => 0 });
    g.elect(1);
    g.tick(1);
    g.settle();
    expect(g.raft(2).readIndex(7)).toMatchObject({ accepted: true });
    g.campaign(2);
    expect(g.member(2).failedReads).toEqual([7]);
  });

  it('that loses the lead holds no lease and counts no proposals', () => {
    const g = new RaftGroup({ size: 3, raft: { ...raft, leaseMs: 80 }, random: () => 0 });
    // Until then a lease may hold that was given before they started.
    for (const id of g.ids) g.tick(id, 10);
    g.network = [];
    g.campaign(1);
    g.settle();
    g.tick(1);
    g.settle();
    expect(g.raft(1).holdsLease(g.nowMs)).toBe(true);
    g.propose(1, 'a');
    g.tick(1, 20);
    expect(g.raft(1).status()).toMatchObject({ role: 'follower', unappliedBytes: 0 });
    expect(g.raft(1).holdsLease(g.nowMs)).toBe(false);
  });
});
