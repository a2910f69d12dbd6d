import type { Clock, RpcNetwork } from '@raft-ts/net';
import {
  abortSignal,
  address,
  callback,
  completeOptions,
  listOf,
  MAX_TIMER_MS,
  nested,
  number,
  type OptionCheck,
  type OptionsForm,
  oneOf,
  optional,
  wholeNumber,
  withMethods,
} from '@raft-ts/net/options';
import type { MemberId } from 'raft-ts';
import { optionsInvalid } from '../errors.js';
import { clock } from '../option-checks.js';
import { MAX_STALE_MS } from '../rpc-methods.js';

export interface ClientLimits {
  /** For a command or query that names no time of its own, milliseconds. */
  readonly timeoutMs: number;
  /**
   * Requests sent and not answered, commands and queries together; further ones wait. Where both
   * are asked for, each has half. Below the number at which a member stops
   * to read from a connection (4,096), so that it still hears whether it is asked if it leads.
   */
  readonly maxInFlight: number;
  /** Requests not settled, in flight or waiting; further ones are rejected with OVERLOADED. */
  readonly maxOutstanding: number;
  /**
   * Who is silent for so long is asked whether to go on; silent for twice as long, the others are
   * asked whether a later leader is known, which takes its place then.
   */
  readonly doubtMs: number;
  /** Likewise where `doubtMs` is longer; silent for twice as long, it is left in any case. */
  readonly silenceMs: number;
  /** Pauses between attempts double from this, milliseconds... */
  readonly minBackoffMs: number;
  /** ...to this. */
  readonly maxBackoffMs: number;
  /**
   * Who is refused because a member or the cluster has too much to do tries again after a pause of
   * its own: each doubles, from `minBackoffMs` for a request and from `overloadBackoffMs` for a
   * connection, up to `maxOverloadBackoffMs`.
   */
  readonly overloadBackoffMs: number;
  readonly maxOverloadBackoffMs: number;
  /** A member keeps the question who leads for so long, until it knows. */
  readonly leaderWaitMs: number;
}

export const defaultClientLimits: ClientLimits = {
  timeoutMs: 30_000,
  maxInFlight: 2_048,
  maxOutstanding: 65_536,
  doubtMs: 200,
  silenceMs: 1_000,
  minBackoffMs: 20,
  maxBackoffMs: 100,
  overloadBackoffMs: 500,
  maxOverloadBackoffMs: 8_000,
  leaderWaitMs: 1_000,
};

/**
 * Who answers linearizable queries. The leader: one round trip, and all queries load one member.
 * Any: a member drawn at random, kept while it serves; one that follows asks the leader how much
 * it must have applied. When it fails, is cut off or lags, the next one is asked: reading goes on as
 * soon as the cluster has a leader, as with 'leader'.
 */
export type ReadFrom = 'leader' | 'any';

export interface ClientOptions extends Partial<ClientLimits> {
  /** Members' addresses, `host:port`, at least one; others are learned from them. */
  readonly addresses: readonly string[];
  readonly network: Pick<RpcNetwork, 'connect'>;
  /** 'leader' by default. */
  readonly readFrom?: ReadFrom;
  /** Members that are asked what any may answer, such as the nearest, at least one; by default all that are known. */
  readonly readAddresses?: readonly string[];
  readonly clock?: Clock;
  /** Uniform in [0, 1), for the jitter of pauses. */
  readonly random?: () => number;
}

/** Of requests, sent or to be sent. */
const count = wholeNumber(1);
const waitMs = number(1, MAX_TIMER_MS);
const readFrom: OptionCheck<ReadFrom> = oneOf('leader', 'any');
const defaults = { ...defaultClientLimits, readFrom: 'leader' as ReadFrom };

const clientOptionsForm: OptionsForm<ClientOptions, typeof defaults> = {
  fields: {
    addresses: listOf(address, 1),
    network: withMethods('connect'),
    readFrom,
    readAddresses: optional(listOf(address, 1)),
    clock,
    random: optional(callback()),
    timeoutMs: waitMs,
    maxInFlight: count,
    maxOutstanding: count,
    doubtMs: waitMs,
    silenceMs: waitMs,
    minBackoffMs: waitMs,
    maxBackoffMs: waitMs,
    overloadBackoffMs: waitMs,
    maxOverloadBackoffMs: waitMs,
    leaderWaitMs: waitMs,
  },
  defaults,
  rules: (options) => {
    const found: string[] = [];
    if (options.maxBackoffMs < options.minBackoffMs) {
      found.push('maxBackoffMs must not be below minBackoffMs');
    }
    if (options.maxOverloadBackoffMs < options.overloadBackoffMs) {
      found.push('maxOverloadBackoffMs must not be below overloadBackoffMs');
    }
    return found;
  },
};

/** With the defaults of what is not given; throws OPTIONS_INVALID. */
export function completeClientOptions(options: ClientOptions): ClientOptions & typeof defaults {
  return completeOptions(clientOptionsForm, options, optionsInvalid);
}

export interface RequestOptions {
  /** Rejects with ABORTED; a command that was sent may still take effect. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the outcome, up to 2^31 - 1; the client's `timeoutMs` by default. */
  readonly timeoutMs?: number;
}

export interface ChangeMemberOptions extends RequestOptions {
  /** The member is not asked who it is: nobody may answer at its addresses yet. */
  readonly unchecked?: boolean;
}

export interface AddMemberOptions extends ChangeMemberOptions {
  /** The member that goes when this one becomes a voter. */
  readonly replaces?: MemberId;
}

export interface QueryOptions extends RequestOptions {
  /**
   * 'linearizable' by default: sees everything acknowledged before. 'local': what a member has.
   * `maxStaleMs`, up to a day: everything acknowledged longer than that before a member took the
   * query; answered from what it has as long as it knows that this is so recent.
   */
  readonly consistency?: 'linearizable' | 'local' | BoundedStaleness;
  /** Who answers a linearizable query; the client's `readFrom` by default. Any answers the others. */
  readonly readFrom?: ReadFrom;
}

interface BoundedStaleness {
  readonly maxStaleMs: number;
}

const named = oneOf('linearizable', 'local');
const bounded = nested<BoundedStaleness, object>({
  fields: { maxStaleMs: number(0, MAX_STALE_MS) },
  defaults: {},
});
const consistency: OptionCheck<'linearizable' | 'local' | BoundedStaleness> = (
  value,
  field,
  problems,
): value is 'linearizable' | 'local' | BoundedStaleness =>
  typeof value === 'object' ? bounded(value, field, problems) : named(value, field, problems);

const requestOptionsForm: OptionsForm<RequestOptions, object> = {
  // A time that is over already is a time, too.
  fields: {
    signal: optional(abortSignal),
    timeoutMs: optional(number(Number.NEGATIVE_INFINITY, MAX_TIMER_MS)),
  },
  defaults: {},
};

const queryOptionsForm: OptionsForm<QueryOptions, object> = {
  fields: {
    ...requestOptionsForm.fields,
    consistency: optional(consistency),
    readFrom: optional(readFrom),
  },
  defaults: {},
};

/** Of most requests: there is nothing to look at. */
const NO_OPTIONS = {};

/** Throws OPTIONS_INVALID. */
export function requestOptions(options: RequestOptions = NO_OPTIONS): RequestOptions {
  return options === NO_OPTIONS
    ? options
    : completeOptions(requestOptionsForm, options, optionsInvalid);
}

/** Throws OPTIONS_INVALID. */
export function queryOptions(options: QueryOptions = NO_OPTIONS): QueryOptions {
  return options === NO_OPTIONS
    ? options
    : completeOptions(queryOptionsForm, options, optionsInvalid);
}
