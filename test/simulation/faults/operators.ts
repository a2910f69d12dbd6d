import { StateMachineError } from '@raft-ts/statemachine';
import type { MemberId } from 'raft-ts';
import type { CoverageKind } from '../coverage.js';
import type { Operator } from '../operator.js';
import { type FaultKind, type FaultWorld, faultKind } from './fault.js';
import { at, bringIn, retireLater, situation } from './memberships.js';

const ACTIONS = ['add', 'replace', 'replace', 'remove', 'promote', 'demote', 'move'] as const;

interface Asked {
  readonly action: (typeof ACTIONS)[number];
  readonly place: number;
  readonly other: number;
  readonly unchecked: boolean;
  readonly timeoutMs: number;
  readonly downMs: number;
}

/** What is asked of the service, and what it is counted as. */
interface Request {
  readonly kind: CoverageKind;
  /** Who is no member any more then. */
  readonly leaving?: MemberId;
  send(): Promise<unknown>;
}

/** An operator asks the service, as with `inode-app members`: it finds the leader and tries again. */
const operate = faultKind(
  'operate',
  ({ random }): Asked & { readonly retireMs: number } => ({
    action: random.pick(ACTIONS),
    place: random.next(),
    other: random.next(),
    unchecked: random.chance(0.3),
    timeoutMs: Math.round(random.magnitude(500, 10_000)),
    downMs: random.magnitude(25, 1000),
    retireMs: random.magnitude(100, 10_000),
  }),
  (fault, world) => {
    const { operator, cluster, coverage } = world;
    const request = operator && requestOf(fault, world, operator);
    if (request === undefined) return undefined;
    const ended = cluster.losses.changeBegins();
    const { kind, leaving } = request;
    request
      .send()
      .then(
        () => {
          coverage.count(kind);
          if (leaving !== undefined) retireLater(world, [leaving], fault.retireMs);
        },
        (error: unknown) => {
          if (!(error instanceof StateMachineError)) throw error;
          coverage.count(
            error.outcome === 'definite'
              ? 'request of an operator refused'
              : 'request of an operator of unknown outcome',
          );
        },
      )
      .finally(ended);
    return undefined;
  },
);

function requestOf(fault: Asked, world: FaultWorld, operator: Operator): Request | undefined {
  const now = situation(world);
  if (now === undefined) return undefined;
  const { cluster, time } = world;
  const { voters, learners } = now.configuration;
  const { timeoutMs, unchecked } = fault;
  const [voter, learner] = [at(voters, fault.place), at(learners, fault.place)];
  const { client } = operator;
  switch (fault.action) {
    case 'add':
    case 'replace': {
      const replaces = fault.action === 'replace' ? at(voters, fault.other) : undefined;
      const [id] = bringIn(world, [fault.place], true);
      if (id === undefined) return undefined;
      const options = { timeoutMs, unchecked, ...(replaces === undefined ? {} : { replaces }) };
      return {
        kind:
          replaces === undefined ? 'member added by an operator' : 'member replaced by an operator',
        ...(replaces === undefined ? {} : { leaving: replaces }),
        send: () => client.addMember(id, cluster.endpointsOf(id), options),
      };
    }
    case 'remove':
      if (voter === undefined || voters.length <= 2) return undefined;
      return {
        kind: 'member removed by an operator',
        leaving: voter,
        send: () => client.changeMembership([{ type: 'remove', id: voter }], { timeoutMs }),
      };
    case 'promote':
      if (learner === undefined) return undefined;
      return {
        kind: 'learner promoted by an operator',
        send: () => client.changeMembership([{ type: 'add-voter', id: learner }], { timeoutMs }),
      };
    case 'demote':
      if (voter === undefined || voters.length <= 2) return undefined;
      return {
        kind: 'voter demoted by an operator',
        send: () => client.changeMembership([{ type: 'add-learner', id: voter }], { timeoutMs }),
      };
    case 'move':
      if (voter === undefined || !world.options.namesEndpoints) return undefined;
      if (!cluster.runs(voter)) return undefined;
      cluster.crash([voter]);
      cluster.member(voter).move();
      time.after(fault.downMs, () => cluster.start(voter));
      keepAddress(world, client, voter);
      return {
        kind: 'address of a member changed',
        send: () =>
          client.setEndpoints(voter, cluster.endpointsOf(voter), { timeoutMs, unchecked: true }),
      };
  }
}

/** Between two looks whether a member that has moved is looked for where it is. */
const ADDRESS_LOOK_MS = 5_000;
const ADDRESS_TIMEOUT_MS = 5_000;

/** Whoever gave a machine another address says so until all know it, whatever else they are told. */
function keepAddress(world: FaultWorld, client: Operator['client'], id: MemberId): void {
  const { cluster, time } = world;
  const look = async () => {
    const leader = cluster.leader();
    const known =
      leader === undefined ? undefined : cluster.status(leader)?.membership.endpoints[id];
    const actual = cluster.endpointsOf(id);
    if (known !== undefined && known.http !== actual.http) {
      const timeoutMs = ADDRESS_TIMEOUT_MS;
      await client
        .setEndpoints(id, actual, { timeoutMs, unchecked: true })
        .catch((error: unknown) => {
          if (!(error instanceof StateMachineError)) throw error;
        });
    }
    keepAddress(world, client, id);
  };
  time.after(ADDRESS_LOOK_MS, () => void look());
}

/** Members that come, go and move by the service's own requests. */
export const OPERATORS: readonly FaultKind[] = [operate];
