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

  it('count as not given where they are undefined', () => {
    const raft = { electionTicks: undefined } as unknown as NonNullable<ReplicaOptions['raft']>;
    const leaseReads = { maxClockDrift: 0 };
    expect(() => checkOptions({ ...options, raft })).not.toThrow();
    expect(leaseMs({ ...options, raft, leaseReads })).toBe(leaseMs({ ...options, leaseReads }));
  });

  it('are named with their path, and what was probably meant', () => {
    const raft: object = { electionTick: 5 };
    expect(() => checkOptions({ ...options, raft })).toThrow(
      /^raft.electionTick is no option; did you mean raft.electionTicks\?$/,
    );
    expect(() => checkOptions({ ...options, raft: { electionTicks: 2 } })).toThrow(
      /^raft.electionTicks \(2\) must be above heartbeatTicks \(3\)$/,
    );
    const leaseReads = { maxClockDrift: 0 };
    expect(() => checkOptions({ ...options, raft: { checkQuorum: false }, leaseReads })).toThrow(
      /^leaseReads needs raft.checkQuorum/,
    );
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
