import type { RaftOptions } from 'raft-ts/core';
import type { Arguments } from '../arguments.js';
import { ScriptError } from '../directive.js';
import type { NewMembers } from './group.js';

/** Ticks of the members of scripts. */
export const ELECTION_TICKS = 3;
export const HEARTBEAT_TICKS = 1;

/** No limit in bytes or messages unless the script sets one. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

const KEYS = [
  'voters',
  'learners',
  'index',
  'content',
  'async-storage-writes',
  'inflight',
  'prevote',
  'checkquorum',
  'read-only',
  'max-committed-size-per-ready',
  'disable-conf-change-validation',
  'step-down-on-removal',
  // What follows is our own.
  'joining',
  'priority',
  'urge-successor',
  'max-append-bytes',
  'max-write-ticks',
  'max-promotion-lag',
];

/** Reads the arguments of `add-nodes`. */
export function readNewMembers(args: Arguments): NewMembers {
  args.allowOnly(KEYS);
  const voters = args.numbersOf('voters');
  const learners = args.numbersOf('learners');
  const index = args.numberOf('index') ?? 0;
  if (index < 2 && (index > 0 || voters.length + learners.length > 0)) {
    throw new ScriptError('index must be specified as > 1 due to bootstrap');
  }
  return {
    voters,
    learners,
    index,
    content: args.value('content') ?? '',
    options: readOptions(args),
    threads: args.flagOf('async-storage-writes') ?? false,
    joining: args.flagOf('joining') ?? false,
  };
}

function readOptions(args: Arguments): Partial<RaftOptions> {
  const maxApplyBytes = args.numberOf('max-committed-size-per-ready');
  const lease = args.oneOf('read-only', ['safe', 'lease-based']) === 'lease-based';
  const priority = args.numberOf('priority');
  return {
    electionTicks: ELECTION_TICKS,
    heartbeatTicks: HEARTBEAT_TICKS,
    preVote: args.flagOf('prevote') ?? false,
    checkQuorum: args.flagOf('checkquorum') ?? false,
    ...(priority === undefined ? {} : { priority }),
    leaseMs: lease ? 200 : 0,
    maxWriteTicks: args.numberOf('max-write-ticks') ?? 0,
    stepDownOnRemoval: args.flagOf('step-down-on-removal') ?? false,
    urgeSuccessor: args.flagOf('urge-successor') ?? false,
    validateChanges: args.flagOf('disable-conf-change-validation') !== true,
    checkPromotions: args.numberOf('max-promotion-lag') !== undefined,
    // As etcd's library, which makes a snapshot for each offer.
    offersLogStart: false,
    maxPromotionLagEntries: args.numberOf('max-promotion-lag') ?? Number.POSITIVE_INFINITY,
    maxEntryBytes: UNLIMITED,
    maxAppendBytes: args.numberOf('max-append-bytes') ?? UNLIMITED,
    maxInflightAppends: args.numberOf('inflight') ?? UNLIMITED,
    maxInflightBytes: UNLIMITED,
    maxUncommittedBytes: UNLIMITED,
    maxUnappliedBytes: UNLIMITED,
    ...(maxApplyBytes === undefined ? {} : { maxApplyBytes: Math.max(maxApplyBytes, 1) }),
    logWindowBytes: UNLIMITED,
    maxPendingReads: UNLIMITED,
  };
}
