import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Master } from '../master/master.js';
import { masterOptions } from './master-command.js';

const REQUIRED = {
  id: '1',
  clusterId: 'c',
  data: '/nowhere',
  members: '1=127.0.0.1:1/127.0.0.1:2',
  resumeFree: '1',
};

it('reads by leases only when it is told to', () => {
  expect(masterOptions(REQUIRED).leaseReads).toBeUndefined();
  expect(masterOptions({ ...REQUIRED, leaseReads: true }).leaseReads).toEqual({
    maxClockDrift: 0.01,
  });
});

it('limits the log only when it is told to', () => {
  expect(masterOptions(REQUIRED).logLimitBytes).toBeUndefined();
  expect(masterOptions({ ...REQUIRED, logLimit: '2' }).logLimitBytes).toBe(2 * 1024 * 1024);
});

it('takes as much memory as it is given, and no less than it needs', () => {
  expect(masterOptions(REQUIRED).memoryBytes).toBeUndefined();
  expect(masterOptions({ ...REQUIRED, memory: '1024' }).memoryBytes).toBe(1024 ** 3);
  for (const memory of ['399', '0', '-1', 'x', '400.5', '']) {
    expect(() => masterOptions({ ...REQUIRED, memory })).toThrow(/--memory/);
  }
});

it('has credentials only where it is told where', () => {
  expect(masterOptions(REQUIRED).profiles).toBeUndefined();
  expect(masterOptions({ ...REQUIRED, profiles: '/etc/p' }).profiles).toBe('/etc/p');
  expect(() => masterOptions({ ...REQUIRED, profiles: '' })).toThrow(
    '--profiles must not be empty',
  );
});

it('hands the leases to the member that it starts', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'leases-'));
  try {
    const options = { ...masterOptions(REQUIRED), directory, leaseReads: { maxClockDrift: 2 } };
    await expect(Master.start(options)).rejects.toThrow(
      /leaseReads.maxClockDrift must be a number from 0 to below 1/,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});
