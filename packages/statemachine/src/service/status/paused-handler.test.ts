import { describe, expect, it } from 'vitest';
import { RpcMethod } from '../../rpc-methods.js';
import { encodeStatus, type MemberStatus } from './member-status.js';
import { pausedHandler } from './paused-handler.js';

const STATUS: MemberStatus = {
  replica: undefined,
  stopped: true,
  diskFull: true,
  stoppedBy: 'its disk is full',
  pid: 1,
  clientAddresses: [],
  sessions: 0,
  savedResultBytes: 0,
  logTimeMs: 0,
  wallMs: 0,
  appliedIndex: 7,
  pendingRequests: 0,
  pendingQueries: 0,
  extra: null,
};

function answerOf(method: number): unknown {
  const answers: unknown[] = [];
  const responder = {
    done: (result: unknown) => answers.push(result),
    failed: (failed: unknown) => answers.push(failed),
  };
  pausedHandler(() => STATUS)(method, [], responder, { host: 'here' });
  expect(answers).toHaveLength(1);
  return answers[0];
}

describe('pausedHandler', () => {
  it('tells the status, knows no leader, and refuses all else definitely', () => {
    expect(answerOf(RpcMethod.Status)).toEqual(encodeStatus(STATUS));
    expect(answerOf(RpcMethod.FindLeader)).toEqual([false, 0, 0, null]);
    for (const method of [RpcMethod.OpenSession, RpcMethod.Command, RpcMethod.Query, 999]) {
      expect(answerOf(method)).toEqual({
        code: 'STOPPED',
        message: 'this member does not take part now (its disk is full)',
        details: { outcome: 'definite' },
      });
    }
  });
});
