import {
  type Configuration,
  decodeMembershipRecord,
  type Entry,
  EntryType,
  type LogBase,
  type Message,
  type ProgressStatus,
  type Role,
} from 'raft-ts/core';
import { describeConfiguration } from '../describe-configuration.js';
import { describeChanges } from '../member-changes.js';

const ROLES: Readonly<Record<Role, string>> = {
  follower: 'StateFollower',
  'pre-candidate': 'StatePreCandidate',
  candidate: 'StateCandidate',
  leader: 'StateLeader',
};

const PROGRESS: Readonly<Record<ProgressStatus['state'], string>> = {
  probe: 'StateProbe',
  replicate: 'StateReplicate',
  snapshot: 'StateSnapshot',
};

const text = new TextDecoder();

export function describeRole(role: Role): string {
  return ROLES[role];
}

/** `1/12 EntryNormal "payload"`: term, index, and what it carries. */
export function describeEntry({ index, term, type, data }: Entry): string {
  const place = `${term}/${index}`;
  if (type !== EntryType.Membership) {
    return `${place} EntryNormal ${JSON.stringify(text.decode(data))}`;
  }
  const changes = describeRecord(data);
  return `${place} EntryConfChangeV2${changes === '' ? '' : ` ${changes}`}`;
}

function describeRecord(data: Uint8Array): string {
  const record = decodeMembershipRecord(data);
  if (record.kind === 'change') return describeChanges(record.change.changes);
  if (record.kind === 'heard') return `heard ${record.ids.join(' ')}`;
  return `${record.kind} ${describeConfiguration(record.configuration)}`;
}

/** A state of the application, by what it stands for. */
export function describeBase({ index, term, membership }: LogBase): string {
  return `Index:${index} Term:${term} ConfState:${describeConfState(membership.configuration)}`;
}

function describeConfState(configuration: Configuration): string {
  const { voters, outgoing, learners, nextLearners, autoLeave } = configuration;
  const lists = [
    `Voters:[${voters.join(' ')}]`,
    `VotersOutgoing:[${outgoing.join(' ')}]`,
    `Learners:[${learners.join(' ')}]`,
    `LearnersNext:[${nextLearners.join(' ')}]`,
  ];
  return `${lists.join(' ')} AutoLeave:${autoLeave}`;
}

export function describeProgress(progress: ProgressStatus): string {
  const { id, match, next, learner, pendingSnapshot, inflight, inflightFull } = progress;
  let line = `${id}: ${PROGRESS[progress.state]} match=${match} next=${next}`;
  if (learner) line += ' learner';
  if (progress.paused) line += ' paused';
  if (pendingSnapshot > 0) line += ` pendingSnap=${pendingSnapshot}`;
  if (!progress.active) line += ' inactive';
  if (inflight > 0) line += ` inflight=${inflight}${inflightFull ? '[full]' : ''}`;
  if (progress.recovering) line += ' recovering';
  return line;
}

/** The name that a kind of message has in scripts. */
export function messageType(message: Message): string {
  switch (message.type) {
    case 'vote':
      return message.preVote ? 'MsgPreVote' : 'MsgVote';
    case 'vote-response':
      return message.preVote ? 'MsgPreVoteResp' : 'MsgVoteResp';
    case 'append':
      return 'MsgApp';
    case 'append-response':
      return 'MsgAppResp';
    case 'heartbeat':
      return 'MsgHeartbeat';
    case 'heartbeat-response':
      return 'MsgHeartbeatResp';
    case 'snapshot-offer':
      return 'MsgSnap';
    case 'snapshot-failed':
      return 'MsgSnapFailed';
    case 'timeout-now':
      return 'MsgTimeoutNow';
    case 'read-index':
      return 'MsgReadIndex';
    case 'read-index-response':
      return 'MsgReadIndexResp';
    case 'recovered':
      return 'MsgRecovered';
  }
}

/** One line, or several where it has several entries. `offered`: the state that is offered. */
export function describeMessage(message: Message, offered: LogBase | undefined): string {
  const head = `${message.from}->${message.to} ${messageType(message)} Term:${message.term}`;
  switch (message.type) {
    case 'vote':
      return `${head} Log:${message.lastTerm}/${message.lastIndex}`;
    case 'vote-response':
      return `${head} Log:0/0${message.granted ? '' : ' Rejected (Hint: 0)'}`;
    case 'append':
      return `${head} Log:${message.prevTerm}/${message.prevIndex}${describeCommit(message.commit)}${describeEntries(message.entries)}`;
    case 'append-response': {
      const { index, rejected, hintIndex, hintTerm, recovery } = message;
      const answer = rejected
        ? `Log:${hintTerm}/${index} Rejected (Hint: ${hintIndex})`
        : `Log:0/${index}`;
      return `${head} ${answer}${describeRecovery(recovery)}`;
    }
    case 'heartbeat':
      return `${head} Log:0/0${describeCommit(message.commit)}`;
    case 'heartbeat-response':
      return `${head} Log:0/0${describeRecovery(message.recovery)}`;
    case 'snapshot-offer':
      return `${head} Log:0/0${offered === undefined ? '' : `\n  Snapshot: ${describeBase(offered)}`}`;
    case 'snapshot-failed':
    case 'read-index-response':
      return `${head} Log:0/${message.index}`;
    case 'timeout-now':
    case 'read-index':
    case 'recovered':
      return `${head} Log:0/0`;
  }
}

export function describeCommit(commit: number): string {
  return commit === 0 ? '' : ` Commit:${commit}`;
}

function describeRecovery(recovery: number): string {
  return recovery === 0 ? '' : ' Recovering';
}

/** One entry on the line, more of them on lines of their own. */
export function describeEntries(entries: readonly Entry[]): string {
  const [only] = entries;
  if (only === undefined) return '';
  if (entries.length === 1) return ` Entries:[${describeEntry(only)}]`;
  return ` Entries:[\n${entries.map((entry) => `  ${describeEntry(entry)}\n`).join('')}]`;
}
