import { type OptionsTaker, tryWrongOptions } from '@raft-ts/fuzz';
import { completeOptions } from '@raft-ts/net/options';
import { expect, it } from 'vitest';
import { type CallOptions, signalOf } from './client/check-arguments.js';
import { type ConnectOptions, connect } from './client/connect.js';
import { NamespaceClient } from './client/namespace-client.js';
import { argumentInvalid, InodeAppError } from './errors.js';
import { Master } from './master/master.js';
import { completeMasterOptions, type MasterOptions } from './master/master-options.js';
import { localDriver } from './storages/local/local-driver.js';
import { MemoryRows } from './store/memory-rows.js';
import { machineOptionsForm, type NamespaceMachineOptions } from './store/namespace-machine.js';

const isRefusal = (error: unknown) =>
  error instanceof InodeAppError && error.code === 'ARGUMENT_INVALID';

it('a client and its calls refuse wrong options and name them', async () => {
  const ofClient: OptionsTaker<ConnectOptions> = {
    name: 'NamespaceClient',
    right: { addresses: ['127.0.0.1:1'], timeoutMs: 1, readFrom: 'any' },
    outOfRange: { addresses: [[], ['nonsense']], timeoutMs: [0, -1, 2 ** 31] },
    take: (options) => connect(options).close(),
    isRefusal,
  };
  await tryWrongOptions(ofClient);
  const ofCall: OptionsTaker<CallOptions> = {
    name: 'CallOptions',
    right: { signal: new AbortController().signal },
    take: signalOf,
    isRefusal,
  };
  await tryWrongOptions(ofCall);
});

const master: MasterOptions = {
  id: 1,
  clusterId: 'test',
  directory: 'none',
  members: [{ id: 1, memberAddress: '127.0.0.1:1', clientAddress: '127.0.0.1:2' }],
};

it('a master refuses wrong options and names them', async () => {
  const taker: OptionsTaker<MasterOptions> = {
    name: 'MasterOptions',
    right: {
      ...master,
      join: ['127.0.0.1:2'],
      advertise: { memberAddress: '127.0.0.1:1', clientAddress: '127.0.0.1:2' },
      listen: { memberAddress: '127.0.0.1:1', clientAddress: '127.0.0.1:2' },
      rejoin: true,
      resumeFreeBytes: 1,
      logLimitBytes: 1,
      memoryBytes: 1024 ** 3,
      snapshotBytesPerSecond: 1,
      leaseReads: { maxClockDrift: 0.01 },
      storages: [localDriver],
      profiles: 'profiles.json',
      log: () => {},
    },
    outOfRange: {
      join: [[], ['nonsense']],
      members: [
        [...master.members, ...master.members],
        [{ id: 1, memberAddress: 'x', clientAddress: '127.0.0.1:2' }],
      ],
      resumeFreeBytes: [0, 0.5],
      logLimitBytes: [0, 0.5],
      memoryBytes: [0, 399 * 1024 ** 2],
      snapshotBytesPerSecond: [0, 0.5],
    },
    take: completeMasterOptions,
    isRefusal,
  };
  await tryWrongOptions(taker);
  for (const wrong of [undefined, null, { ...master, member: [] }]) {
    const started = Reflect.apply(Master.start, Master, [wrong]);
    await expect(started).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  }
});

it('a machine refuses wrong options and names them', async () => {
  const taker: OptionsTaker<NamespaceMachineOptions> = {
    name: 'NamespaceMachineOptions',
    right: {
      rows: new MemoryRows(),
      onDamage: () => {},
      maxCacheEntries: 1,
      maxCacheBytes: 1,
      absenceFilterBytes: 64,
    },
    outOfRange: { maxCacheEntries: [0], absenceFilterBytes: [32, 65, 2 ** 31] },
    take: (options) => completeOptions(machineOptionsForm, options, argumentInvalid),
    isRefusal,
  };
  await tryWrongOptions(taker);
});

it.each([
  ['mkdir', ['/a', { parent: true }], 'parent is no option; did you mean parents?'],
  ['create', ['/a', { recursive: true }], 'recursive is no option'],
  ['delete', ['/a', { recursiv: true }], 'recursiv is no option; did you mean recursive?'],
  ['rename', ['/a', '/b', { signals: 1 }], 'signals is no option'],
  ['setAttribute', ['/a', {}, { parents: true }], 'parents is no option'],
  ['batch', [[{ kind: 'mkdir', path: '/a', parent: true }]], 'parent is no option'],
  ['getStatus', ['/a', { timeoutMs: 5 }], 'timeoutMs is no option'],
  ['create', ['/a', { attributes: { ownr: 'a' } }], 'did you mean attributes.owner?'],
  ['setAttribute', ['/a', { modified: 5 }], 'attributes.modified is no option'],
])('%s refuses %j', async (method, values, message) => {
  await using client = new NamespaceClient({ addresses: ['127.0.0.1:1'] });
  const call: unknown = Reflect.get(client, method);
  if (typeof call !== 'function') throw new Error(`there is no ${method}`);
  await expect(Reflect.apply(call, client, values)).rejects.toThrow(message);
});

it('list refuses options that it does not know', async () => {
  await using client = new NamespaceClient({ addresses: ['127.0.0.1:1'] });
  const options: object = { afterName: 'a' };
  await expect(client.list('/', options).next()).rejects.toThrow('afterName is no option');
});
