import { describe, expect, it } from 'vitest';
import { MemoryLogDisk, MemoryLogStore } from '../log/memory-log-store.js';
import { MemoryNetwork } from '../transport/memory-transport.js';
import { checkOptions, leaseMs, type ReplicaOptions } from './replica-options.js';

const options: ReplicaOptions = {
  id: 1,
  clusterId: 'test',
  log: MemoryLogStore.open(new MemoryLogDisk()),
  transport: new MemoryNetwork().transport(1),
  applier: { appliedIndex: 0, appended: () => {}, apply: () => undefined },
};

describe('the options of a replica', () => {
  it('name a tick in whole milliseconds, since timers know no others', () => {
    for (const tickMs of [0, 0.5, 1.9, Number.NaN]) {
      expect(() => checkOptions({ ...options, tickMs })).toThrow(/tickMs must be a whole number/);
    }
    expect(() => checkOptions({ ...options, tickMs: 1 })).not.toThrow();
  });

  it('are of the kind that they should be, and not undefined in place of a default', () => {
    for (const bad of [{ electionTicks: undefined }, { heartbeatTicks: '3' }, { preVote: 1 }]) {
      const raft = bad as unknown as NonNullable<ReplicaOptions['raft']>;
      expect(() => checkOptions({ ...options, raft })).toThrow(/must be a (number|boolean), not/);
    }
  });

  it('give leases that end before the promise they rest on, on clocks that differ', () => {
    const lease = (maxClockDrift: number, electionTicks = 20) =>
      leaseMs({ ...options, tickMs: 10, raft: { electionTicks }, leaseReads: { maxClockDrift } });
    // Nineteen whole ticks, and a timer's rounding less.
    expect(lease(0)).toBe(189);
    expect(lease(0.01)).toBeCloseTo((189 * 0.99) / 1.01);
    expect(lease(0, 1)).toBe(0);
    expect(leaseMs(options)).toBe(0);
  });
});
