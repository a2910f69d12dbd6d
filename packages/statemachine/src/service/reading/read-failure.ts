import type { RpcFailure } from '@raft-ts/net';
import { RaftError } from 'raft-ts';
import { failure } from '../../errors.js';
import type { ServedMember } from '../served-member.js';

/** What a client is told when nobody could say how fresh the state has to be. */
export function readFailure(member: Pick<ServedMember, 'notLeader'>, error: Error): RpcFailure {
  if (!(error instanceof RaftError)) return failure('UNAVAILABLE', String(error));
  switch (error.code) {
    case 'NOT_LEADER':
    case 'LEADERSHIP_LOST':
      return member.notLeader();
    case 'READS_OVERLOADED':
      return failure('OVERLOADED', error.message);
    default:
      return failure('STOPPED', error.message);
  }
}
