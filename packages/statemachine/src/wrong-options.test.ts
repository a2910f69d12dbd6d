import { type OptionsTaker, tryWrongOptions } from '@raft-ts/fuzz';
import { MemoryRpcNetwork, systemClock } from '@raft-ts/net';
import { completeOptions } from '@raft-ts/net/options';
import { MemoryLogStore } from 'raft-ts';
import { expect, it } from 'vitest';
import { ReplicatedClient } from './client/client.js';
import {
  type ClientOptions,
  defaultClientLimits,
  type QueryOptions,
  queryOptions,
  type RequestOptions,
  requestOptions,
} from './client/client-options.js';
import {
  type CompactionPolicy,
  compactionForm,
  defaultCompactionPolicy,
} from './compaction/compaction-policy.js';
import { optionsInvalid, StateMachineError } from './errors.js';
import { type InMemoryMachineOptions, inMemoryOptionsForm } from './machine/in-memory-machine.js';
import { KeyValueMachine } from './machine/key-value-machine.js';
import { Tally, type TallyCommand } from './machine/tally.test.support.js';
import { completeMemberOptions, type MemberOptions } from './member/member-options.js';
import type { OutsideWork } from './service/outside/outside-work.js';
import {
  completeServiceOptions,
  defaultServiceLimits,
  type ServiceOptions,
} from './service/service-options.js';
import {
  defaultSessionLimits,
  type SessionLimits,
  sessionLimitsForm,
} from './sessions/session-limits.js';

const isRefusal = (error: unknown) =>
  error instanceof StateMachineError && error.code === 'OPTIONS_INVALID';

const NOTHING_OUTSIDE: OutsideWork<unknown, unknown> = {
  prepare: () => undefined,
  settle: () => undefined,
  ready: () => undefined,
  leads: () => {},
};

it('a client refuses wrong options and names them', async () => {
  const taker: OptionsTaker<ClientOptions> = {
    name: 'ReplicatedClient',
    right: {
      ...defaultClientLimits,
      addresses: ['127.0.0.1:1'],
      network: new MemoryRpcNetwork(),
      readFrom: 'any',
      readAddresses: ['127.0.0.1:1'],
      clock: systemClock,
      random: () => 0.5,
    },
    outOfRange: {
      addresses: [[], ['nonsense'], ['127.0.0.1:1', '127.0.0.1:65536']],
      readAddresses: [[], ['nonsense']],
      timeoutMs: [0, -1, 2 ** 31, Number.POSITIVE_INFINITY],
      maxInFlight: [0, 1.5],
      minBackoffMs: [101],
    },
    take: (options) => new ReplicatedClient(options).close(),
    isRefusal,
  };
  await tryWrongOptions(taker);
  const options = { addresses: 'one:1', network: new MemoryRpcNetwork() };
  expect(() => Reflect.construct(ReplicatedClient, [options])).toThrow(
    'addresses must be an array of at least 1, not "one:1"',
  );
  const none = { ...options, addresses: [] };
  expect(() => Reflect.construct(ReplicatedClient, [none])).toThrow(
    'addresses must be an array of at least 1, not an array of 0',
  );
});

it('a request and a query refuse wrong options and name them', async () => {
  const { signal } = new AbortController();
  const ofRequest: OptionsTaker<RequestOptions> = {
    name: 'RequestOptions',
    right: { signal, timeoutMs: 1 },
    outOfRange: { timeoutMs: [2 ** 31, Number.POSITIVE_INFINITY] },
    take: requestOptions,
    isRefusal,
  };
  await tryWrongOptions(ofRequest);
  const ofQuery: OptionsTaker<QueryOptions> = {
    name: 'QueryOptions',
    right: { signal, timeoutMs: 1, consistency: { maxStaleMs: 5 }, readFrom: 'any' },
    outOfRange: { consistency: [{ maxStaleMs: -1 }, { maxStaleMs: 2 ** 31 }] },
    take: queryOptions,
    isRefusal,
  };
  await tryWrongOptions(ofQuery);
});

it('requests with wrong options are rejected, and nothing is thrown', async () => {
  await using client = new ReplicatedClient({
    addresses: ['127.0.0.1:1'],
    network: new MemoryRpcNetwork(),
  });
  const { command, query, status, sessions, endSession } = client;
  for (const options of [{ timeout: 5 }, null, 5]) {
    for (const [method, ...values] of [
      [command, 1],
      [query, 1],
      [status, '127.0.0.1:1'],
      [sessions],
      [endSession, 1],
    ] as const) {
      const refused = Reflect.apply(method, client, [...values, options]);
      await expect(refused).rejects.toMatchObject({ code: 'OPTIONS_INVALID', outcome: 'definite' });
    }
  }
});

it('a service refuses wrong options and names them', async () => {
  const taker: OptionsTaker<ServiceOptions<unknown, unknown>> = {
    name: 'ServiceOptions',
    right: {
      ...defaultServiceLimits,
      machine: new KeyValueMachine() as never,
      clientAddresses: new Map([[1, '127.0.0.1:1']]),
      compaction: {},
      sessions: {},
      network: new MemoryRpcNetwork(),
      onDifference: () => {},
      extraStatus: () => null,
      outside: NOTHING_OUTSIDE,
      clock: systemClock,
      random: Math.random,
    },
    outOfRange: {
      clientAddresses: [new Map([[0, '127.0.0.1:1']]), new Map([[1, 'one']])],
      maxEntryItems: [0, 1_025],
      workPauseMs: [0, 2 ** 31],
    },
    take: completeServiceOptions,
    isRefusal,
  };
  await tryWrongOptions(taker);
  await tryWrongOptions({
    name: 'CompactionPolicy',
    right: { ...defaultCompactionPolicy, overtakeMembers: true },
    outOfRange: {
      everyEntries: [0, 99_999],
      everyBytes: [0],
      keepEntries: [-1, 500_000],
      heldBytes: [0],
    },
    take: (options: Partial<CompactionPolicy>) =>
      completeOptions(compactionForm, options, optionsInvalid),
    isRefusal,
  });
  const ofSessions: OptionsTaker<Partial<SessionLimits>> = {
    name: 'SessionLimits',
    right: defaultSessionLimits,
    outOfRange: { idleMs: [-1], maxTotalSavedBytes: [1] },
    take: (options) => completeOptions(sessionLimitsForm, options, optionsInvalid),
    isRefusal,
  };
  await tryWrongOptions(ofSessions);
});

it('a machine in memory refuses wrong options and names them', async () => {
  const taker: OptionsTaker<InMemoryMachineOptions<TallyCommand, string>> = {
    name: 'InMemoryMachine',
    right: {
      machine: new Tally(),
      clusterId: 'test',
      application: { name: 'tally', version: 1 },
      keeper: { make: () => {}, read: () => {}, check: () => {}, adopt: () => {} } as never,
      baseAt: () => undefined,
      checkRoom: async () => {},
      clock: systemClock,
      onEvent: () => {},
    },
    outOfRange: { clusterId: [''] },
    take: (options) =>
      completeOptions(inMemoryOptionsForm<TallyCommand, string>(), options, optionsInvalid),
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it('a member refuses wrong options and names them', async () => {
  const listen = { member: '127.0.0.1:1', client: '127.0.0.1:2', http: '127.0.0.1:3' };
  const taker: OptionsTaker<MemberOptions<TallyCommand, string>> = {
    name: 'Member',
    right: {
      id: 1,
      clusterId: 'test',
      directory: 'data',
      application: { name: 'tally', version: 1 },
      machine: new Tally(),
      listen,
      advertise: listen,
      founders: { 1: listen },
      log: MemoryLogStore.open(),
      compaction: {},
      sessions: {},
      limits: {},
      outside: NOTHING_OUTSIDE,
      snapshots: {},
      clients: {},
      raft: {},
      tickMs: 20,
      leaseReads: { maxClockDrift: 0.01 },
      signal: new AbortController().signal,
      clock: systemClock,
      onEvent: () => {},
    },
    outOfRange: {
      id: [0, 2 ** 32],
      clusterId: [''],
      directory: [''],
      listen: [{ ...listen, http: 'nonsense' }],
      founders: [{ 1: { member: 'nonsense' } }],
      tickMs: [0],
    },
    take: completeMemberOptions,
    isRefusal,
  };
  await tryWrongOptions(taker);
});
