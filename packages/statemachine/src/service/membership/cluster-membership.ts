import type { WireValue } from '@raft-ts/net';
import type { Configuration, Endpoints, MemberId, ReplicaStatus } from 'raft-ts';
import { fields, flag, list, number, oneOf, optional, type Read, text } from '../status/fields.js';

/** Who takes part in a cluster, as its leader has applied it. */
export interface ClusterMembership {
  readonly clusterId: string;
  /** The log's entry that made it so; 0 before there is any. */
  readonly index: number;
  /** Who answered, and leads. */
  readonly leader: MemberId;
  /** A change of several voters is in its second half: no other one is taken in. */
  readonly joint: boolean;
  /** By ascending id. */
  readonly members: readonly ClusterMember[];
}

/** A member of a cluster, as its leader sees it. */
export interface ClusterMember {
  readonly id: MemberId;
  /** 'joining' and 'leaving': a voter from, or until, the end of the change that is under way. */
  readonly role: 'voter' | 'learner' | 'joining' | 'leaving';
  /** Undefined where the log never named any. */
  readonly endpoints: Endpoints | undefined;
  /** From 0, not meant to lead, to 3; undefined where nobody set it: that of its own options, most often 3. */
  readonly priority?: number | undefined;
  /** Heard from since the leader looked last whether it has a majority. */
  readonly active: boolean;
  /** It counts for nothing until it is brought up to date. */
  readonly recovering: boolean;
  /** What it is known to hold durably, up to here; 0 when it was not heard from in this term. */
  readonly match: number;
  /** Entries of the leader's log that it is not known to hold. */
  readonly lag: number;
}

/** The membership as a leader's status says it. */
export function membershipOf(status: ReplicaStatus): ClusterMembership {
  const { membership, clusterId, id: leader } = status;
  const { index, configuration, endpoints } = membership;
  const ids = [configuration.voters, configuration.outgoing, configuration.learners].flat();
  const members = [...new Set(ids)].sort((a, b) => a - b);
  return {
    clusterId,
    index,
    leader,
    joint: configuration.outgoing.length > 0,
    members: members.map((id) => {
      const progress = status.progress.find((each) => each.id === id);
      return {
        id,
        role: roleIn(configuration, id),
        endpoints: endpoints[id],
        priority: membership.priorities?.[id],
        active: progress?.active ?? false,
        recovering: progress?.recovering ?? false,
        match: progress?.match ?? 0,
        lag: progress?.lag ?? status.lastIndex,
      };
    }),
  };
}

function roleIn(
  { voters, outgoing, learners }: Configuration,
  id: MemberId,
): ClusterMember['role'] {
  if (learners.includes(id)) return 'learner';
  if (outgoing.length === 0) return 'voter';
  if (!voters.includes(id)) return 'leaving';
  return outgoing.includes(id) ? 'voter' : 'joining';
}

const readEndpoints = fields<{ readonly [Name in keyof Endpoints]-?: string | undefined }>({
  member: text,
  client: optional(text),
  http: optional(text),
});

const endpoints: Read<Endpoints> = (value, name) => {
  const { member = '', client, http } = readEndpoints(value, name);
  return {
    member,
    ...(client === undefined ? {} : { client }),
    ...(http === undefined ? {} : { http }),
  };
};

const readMembership = fields<ClusterMembership>({
  clusterId: text,
  index: number,
  leader: number,
  joint: flag,
  members: list(
    fields<ClusterMember>({
      id: number,
      role: oneOf<ClusterMember['role']>({
        voter: true,
        learner: true,
        joining: true,
        leaving: true,
      }),
      endpoints: optional(endpoints),
      priority: optional(number),
      active: flag,
      recovering: flag,
      match: number,
      lag: number,
    }),
  ),
});

/** As it travels: a map with the names of the fields. */
export function encodeMembership(membership: ClusterMembership): WireValue {
  const { members, ...others } = membership;
  return {
    ...others,
    members: members.map(({ endpoints, ...member }) => ({
      ...member,
      endpoints: endpoints === undefined ? null : { ...endpoints },
    })),
  };
}

/** Throws ANSWER_INVALID. */
export function parseMembership(answer: WireValue): ClusterMembership {
  return readMembership(answer, 'the membership');
}
