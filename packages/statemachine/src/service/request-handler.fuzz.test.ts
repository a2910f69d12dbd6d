import { type FuzzValue, fuzzValues } from '@raft-ts/fuzz';
import type { RpcFailure, WireValue } from '@raft-ts/net';
import { expect, it } from 'vitest';
import { decodeEntry, encodeEntry } from '../entries/entry-codec.js';
import { KeyValueMachine } from '../machine/key-value-machine.js';
import { QueryConsistency, RpcMethod } from '../rpc-methods.js';
import { requestHandler } from './request-handler.js';
import { defaultServiceLimits } from './service-options.js';
import type { MemberStatus } from './status/member-status.js';

const machine = new KeyValueMachine();
const NOW_MS = 5;
const STATUS: MemberStatus = {
  replica: undefined,
  stoppedBy: undefined,
  stopped: false,
  pid: 1,
  clientAddresses: [],
  sessions: 0,
  savedResultBytes: 0,
  logTimeMs: 0,
  wallMs: 0,
  appliedIndex: 0,
  pendingRequests: 0,
  pendingQueries: 0,
  extra: null,
};

/** What became of a request. */
interface Outcome {
  taken: number;
  done: number;
  readonly failures: RpcFailure[];
}

function handle(method: number, body: WireValue): Outcome {
  const outcome: Outcome = { taken: 0, done: 0, failures: [] };
  const taken = (deadlineMs: number) => {
    expect(deadlineMs).toBeLessThanOrEqual(NOW_MS + defaultServiceLimits.maxTimeoutMs);
    outcome.taken++;
  };
  const handler = requestHandler({
    machine,
    limits: defaultServiceLimits,
    clock: { monotonicMs: () => NOW_MS },
    member: { checkServes: () => true, checkLeads: () => true, view: undefined },
    proposer: {
      submit(encoded, deadlineMs) {
        // What one member takes in must not stop another, which decodes it out of the log.
        const entry = encodeEntry({ logTimeMs: 0, wallMs: 0 }, [encoded]);
        expect(() => decodeEntry(1, entry, (value) => machine.parseCommand(value))).not.toThrow();
        taken(deadlineMs);
      },
    },
    queries: { ask: (_query, _maxStaleMs, deadlineMs) => taken(deadlineMs) },
    waiters: { ask: ({ deadlineMs }) => taken(deadlineMs) },
    sessions: { has: () => true, list: () => [] },
    membership: {
      list: (responder) => responder.done(null),
      change: (_changes, deadlineMs) => taken(deadlineMs),
      transfer: (_target, deadlineMs) => taken(deadlineMs),
    },
    stateHash: { known: true, checkpoints: [] },
    status: () => STATUS,
  });
  const responder = {
    done: () => {
      outcome.done++;
    },
    failed: (failure: RpcFailure) => {
      outcome.failures.push(failure);
    },
  };
  handler(method, body, responder, { host: 'h'.repeat(100) });
  return outcome;
}

it('requests', async () => {
  const report = await fuzzValues({
    name: 'requests',
    corpus: [
      [RpcMethod.OpenSession, [1000]],
      [RpcMethod.Command, [1, 2, 1, ['put', 'key', { a: [1, null] }], 1000]],
      [RpcMethod.Command, [1, 2 ** 40, 1, ['add', 'key', 5], 0]],
      [RpcMethod.Query, [QueryConsistency.OfLeader, ['get', 'key'], 1000]],
      [RpcMethod.Query, [QueryConsistency.Local, ['list', '', 10], 1000]],
      [RpcMethod.Query, [QueryConsistency.Bounded, ['get', 'key'], 1000, 50]],
      [RpcMethod.CloseSession, [7, 1000]],
      [RpcMethod.Query, [QueryConsistency.OfAny, ['get', 'key'], 1000]],
      [RpcMethod.ListSessions, [0, 1000]],
      [RpcMethod.Membership, []],
      [
        RpcMethod.ChangeMembership,
        [
          [
            ['add-voter', 4, ['a:1', 'a:2', null]],
            ['remove', 3, null],
          ],
          1000,
        ],
      ],
      [RpcMethod.TransferLeadership, [2, 1000]],
      [RpcMethod.Status, null],
      [RpcMethod.FindLeader, [3, 1000]],
    ],
    decode: (value) => {
      const [method, body]: readonly FuzzValue[] = Array.isArray(value) ? value : [];
      const outcome = handle(typeof method === 'number' ? method : -1, body);
      expect(outcome.taken + outcome.done + outcome.failures.length).toBe(1);
      const [failure] = outcome.failures;
      if (failure === undefined) return outcome;
      expect(['INVALID_REQUEST', 'INVALID_COMMAND', 'INVALID_QUERY', 'TOO_LARGE']).toContain(
        failure.code,
      );
      return undefined;
    },
    isRefusal: () => false,
  });
  console.log(report.line);
});
