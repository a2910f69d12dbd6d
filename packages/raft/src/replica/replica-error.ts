import type { Rejected } from '../core/effects.js';
import type { MemberId } from '../core/log/entry.js';
import { CommittedContradicted } from '../core/recovery/contradiction.js';
import { RaftError } from '../errors.js';

export function proposalError(rejected: Rejected, bytes: number): RaftError {
  switch (rejected.reason) {
    case 'too-large':
      return new RaftError('PROPOSAL_TOO_LARGE', `a proposal of ${bytes} bytes is above the limit`);
    case 'overloaded':
      return new RaftError(
        'PROPOSALS_OVERLOADED',
        'too many bytes wait to be committed or applied; try again when some have been',
      );
    case 'transferring':
      return new RaftError('NOT_LEADER', 'this member is handing over the lead; ask again soon', {
        details: { leader: 0 },
      });
    default:
      return notLeader(rejected.leader);
  }
}

export function readError(rejected: Rejected): RaftError {
  if (rejected.reason === 'not-leader') return notLeader(rejected.leader);
  return new RaftError('READS_OVERLOADED', 'too many reads wait for their index; try again later');
}

export function changeError(rejected: Rejected): RaftError {
  return refusal('CHANGE_REFUSED', 'the membership is not changed', rejected);
}

export function transferError(rejected: Rejected): RaftError {
  return refusal('TRANSFER_REFUSED', 'the lead is not handed over', rejected);
}

function refusal(
  code: 'CHANGE_REFUSED' | 'TRANSFER_REFUSED',
  what: string,
  { reason, leader, detail }: Rejected,
): RaftError {
  if (reason === 'not-leader') return notLeader(leader);
  const more = detail === undefined ? '' : `: ${detail}`;
  return new RaftError(code, `${what} (${reason})${more}`, { details: { reason } });
}

function notLeader(leader: MemberId): RaftError {
  const who = leader === 0 ? 'no leader is known' : `member ${leader} leads`;
  return new RaftError('NOT_LEADER', `this member does not lead; ${who}`, { details: { leader } });
}

export function leadershipLost(): RaftError {
  return new RaftError(
    'LEADERSHIP_LOST',
    'the leader changed, or is not heard any more, before the read could be answered; read again',
  );
}

export function stoppedError(cause?: Error): RaftError {
  return new RaftError(
    'REPLICA_STOPPED',
    cause === undefined ? 'this member has stopped' : `this member has stopped: ${cause.message}`,
    { cause },
  );
}

/** What stops a member, as it is told. */
export function stoppingError(cause: unknown): Error {
  if (cause instanceof CommittedContradicted) {
    return new RaftError('LOG_CONTRADICTED', cause.message, { cause });
  }
  return cause instanceof Error ? cause : new Error(String(cause), { cause });
}
