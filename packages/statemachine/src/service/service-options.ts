import type { Clock, RpcNetwork, WireValue } from '@raft-ts/net';
import {
  address,
  callback,
  completeOptions,
  mapOf,
  milliseconds,
  nested,
  type OptionsForm,
  optional,
  wholeNumber,
  withMethods,
} from '@raft-ts/net/options';
import type { MemberId } from 'raft-ts';
import { memberId } from 'raft-ts/core';
import { type CompactionPolicy, compactionForm } from '../compaction/compaction-policy.js';
import { optionsInvalid } from '../errors.js';
import type { DurableStateMachine } from '../machine/durable-state-machine.js';
import { clock } from '../option-checks.js';
import { type SessionLimits, sessionLimitsForm } from '../sessions/session-limits.js';
import { MAX_ENTRY_ITEMS } from '../sessions/session-table.js';
import type { OutsideWork } from './outside/outside-work.js';

/** How much a service takes in, and how it groups. */
export interface ServiceLimits {
  /** Requests that one log entry carries; at most 1,024. */
  readonly maxEntryItems: number;
  /** Bytes of requests that one entry carries; a single larger one goes alone. */
  readonly maxEntryBytes: number;
  /** Bytes of one command; below the replica's `maxEntryBytes`. */
  readonly maxCommandBytes: number;
  /** With so many entries uncommitted, requests wait and gather in larger entries. */
  readonly pipelineDepth: number;
  /** Requests to be proposed, and proposed ones without an outcome; further ones are refused. */
  readonly maxPendingItems: number;
  /** Bytes of them. */
  readonly maxPendingBytes: number;
  /** Queries without an answer; further ones are refused. */
  readonly maxPendingQueries: number;
  /** Sessions open that were opened over one connection; further ones are refused. */
  readonly maxSessionsPerConnection: number;
  /** Clients that wait to hear of a leader; further ones are answered at once. */
  readonly maxLeaderWaiters: number;
  /** Entries decoded, and their keys fetched, before they are committed. */
  readonly maxEntriesAhead: number;
  /** A request's longest wait, milliseconds. */
  readonly maxTimeoutMs: number;
  /** Between two steps of the machine's own work while nobody asks for anything, milliseconds. */
  readonly workPauseMs: number;
  /** The same while clients do: what the work takes of their time. */
  readonly busyWorkPauseMs: number;
}

export const defaultServiceLimits: ServiceLimits = {
  maxEntryItems: 512,
  maxEntryBytes: 256 * 1024,
  maxCommandBytes: 1024 * 1024,
  pipelineDepth: 4,
  maxPendingItems: 65_536,
  maxPendingBytes: 64 * 1024 * 1024,
  maxPendingQueries: 16_384,
  maxSessionsPerConnection: 64,
  maxLeaderWaiters: 16_384,
  maxEntriesAhead: 256,
  maxTimeoutMs: 60_000,
  workPauseMs: 5,
  busyWorkPauseMs: 45,
};

export interface ServiceOptions<Command, Query> extends Partial<ServiceLimits> {
  /** Opened; the service closes it. */
  readonly machine: DurableStateMachine<Command, Query>;
  /** Where clients reach members, as far as the membership does not say it. */
  readonly clientAddresses: ReadonlyMap<MemberId, string>;
  /** What the cluster's sessions may hold, when this member leads. */
  readonly sessions?: Partial<SessionLimits>;
  /**
   * When the member's log is cut. Without it, by the default policy where the replica can fetch a
   * state (`ReplicaOptions.snapshots`), and never where it can't: a member that has lost what it held, or
   * joins later, needs one or the other. Given, also there.
   */
  readonly compaction?: Partial<CompactionPolicy>;
  /**
   * Over which a member asks others at their addresses for clients: `command` of the service finds the leader, which
   * otherwise has to be this one; and a leader compares the hashes of all members' states, so that one that
   * most others contradict stops with STATE_DIVERGED. The same on each member.
   */
  readonly network?: Pick<RpcNetwork, 'connect'>;
  /** Told on the leader that members' states differ, for people; once, and when that changes. */
  readonly onDifference?: (text: string) => void;
  /** More for `status`, from the application; called for each request. */
  readonly extraStatus?: () => WireValue;
  /** What belongs to commands and queries and goes on outside of the log. */
  readonly outside?: OutsideWork<Command, Query>;
  readonly clock?: Clock;
  /** From 0 to below 1; for jitter, when the member's own process asks. `Math.random` by default. */
  readonly random?: () => number;
}

function serviceOptionsForm<Command, Query>(): OptionsForm<
  ServiceOptions<Command, Query>,
  ServiceLimits
> {
  return {
    fields: {
      machine: withMethods(
        'parseCommand',
        'parseQuery',
        'prefetch',
        'apply',
        'commit',
        'flush',
        'frameworkRows',
        'query',
        'pendingWork',
        'close',
      ),
      clientAddresses: mapOf(memberId, address),
      sessions: optional(nested(sessionLimitsForm)),
      compaction: optional(nested(compactionForm)),
      network: optional(withMethods('connect')),
      onDifference: optional(callback()),
      extraStatus: optional(callback()),
      outside: optional(withMethods('prepare', 'settle', 'ready', 'leads')),
      clock,
      random: optional(callback()),
      maxEntryItems: wholeNumber(1, MAX_ENTRY_ITEMS),
      maxEntryBytes: wholeNumber(1),
      maxCommandBytes: wholeNumber(1),
      pipelineDepth: wholeNumber(1),
      maxPendingItems: wholeNumber(1),
      maxPendingBytes: wholeNumber(1),
      maxPendingQueries: wholeNumber(1),
      maxSessionsPerConnection: wholeNumber(1),
      maxLeaderWaiters: wholeNumber(1),
      maxEntriesAhead: wholeNumber(1),
      maxTimeoutMs: milliseconds,
      workPauseMs: milliseconds,
      busyWorkPauseMs: milliseconds,
    },
    defaults: defaultServiceLimits,
  };
}

/** With the defaults of what is not given; throws OPTIONS_INVALID. */
export function completeServiceOptions<Command, Query>(
  options: ServiceOptions<Command, Query>,
): ServiceOptions<Command, Query> & ServiceLimits {
  return completeOptions(serviceOptionsForm<Command, Query>(), options, optionsInvalid);
}
