import { fuzzValues } from '@raft-ts/fuzz';
import { decodeValue, encodeValue } from '@raft-ts/net';
import { expect, it } from 'vitest';
import { StateMachineError } from '../../errors.js';
import { encodeStatus, type MemberStatus, parseStatus } from './member-status.js';

const leader: MemberStatus = {
  replica: {
    clusterId: 'c',
    id: 1,
    role: 'leader',
    term: 3,
    leader: 1,
    voter: true,
    recovering: false,
    firstIndex: 1,
    logBytes: 100,
    lastIndex: 9,
    commit: 8,
    applied: 7,
    elections: [{ term: 3, reason: 'timeout', outcome: 'won', atTick: 20, leaderBefore: 2 }],
    snapshotFailure: { failures: 2, message: 'nobody serves it' },
    progress: [
      {
        id: 2,
        match: 6,
        lag: 3,
        state: 'replicate',
        learner: false,
        active: true,
        recovering: false,
      },
    ],
    membership: { configuration: { voters: [1, 2], outgoing: [1, 3] } },
  },
  stoppedBy: undefined,
  stopped: false,
  diskFull: false,
  pid: 7,
  clientAddresses: [
    [1, 'one:1'],
    [2, 'two:2'],
  ],
  sessions: 4,
  savedResultBytes: 5,
  logTimeMs: 6,
  wallMs: 1_800_000_000_000,
  appliedIndex: 7,
  pendingRequests: 8,
  pendingQueries: 9,
  snapshots: {
    address: 'one:3',
    kept: [{ index: 5, bytes: 100 }],
    readers: 1,
    making: { index: 6, rows: 3, bytes: 40 },
    makingFailure: 'there was no room',
    fetching: {
      from: 2,
      index: 6,
      phase: 'pulling',
      rows: 1,
      bytes: 20,
      totalRows: 4,
      totalBytes: undefined,
    },
  },
  extra: { rssBytes: 1 },
};
const stopped: MemberStatus = {
  ...leader,
  replica: undefined,
  stopped: true,
  stoppedBy: 'the disk is full',
  diskFull: true,
  snapshots: undefined,
  extra: undefined,
};

it('member-status', async () => {
  for (const status of [leader, stopped]) {
    const sent = decodeValue(encodeValue(encodeStatus(status)));
    expect(parseStatus(sent)).toEqual({ ...status, extra: status.extra ?? null });
  }
  expect(() => parseStatus({ pid: 1 })).toThrow(StateMachineError);
  const report = await fuzzValues({
    name: 'member-status',
    corpus: [encodeStatus(leader), encodeStatus(stopped)],
    decode: (value) => parseStatus(decodeValue(encodeValue(value))),
    isRefusal: (error) => error instanceof StateMachineError && error.code === 'ANSWER_INVALID',
    check: (parsed) => {
      const { replica, clientAddresses } = parsed as MemberStatus;
      for (const [id, address] of clientAddresses)
        expect([typeof id, typeof address]).toEqual(['number', 'string']);
      for (const { match } of replica?.progress ?? []) expect(typeof match).toBe('number');
    },
  });
  console.log(report.line);
});
