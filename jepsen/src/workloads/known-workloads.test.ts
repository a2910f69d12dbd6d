import { describe, expect, it } from 'vitest';
import { Random } from '../random.js';
import { WORKLOADS } from './known-workloads.js';
import type { Workload, WorkloadOptions } from './workload.js';

const OPTIONS: WorkloadOptions = { clients: 6, members: 3, calls: 3_000 };

function callsOf(workload: Workload, seed: number) {
  const generator = workload.generator(new Random(seed), OPTIONS);
  return Array.from({ length: OPTIONS.calls }, (_, at) => {
    const process = at % OPTIONS.clients;
    const input = generator.next(process);
    // Whatever it is answered, the next ones are calls of this workload.
    if (input !== undefined) generator.answered?.(process, input, at);
    return input;
  });
}

describe.each(WORKLOADS)('the workload $name', (workload) => {
  it('makes the same calls of the same seed, and others of another one', () => {
    expect(callsOf(workload, 7)).toEqual(callsOf(workload, 7));
    expect(callsOf(workload, 7)).not.toEqual(callsOf(workload, 8));
  });

  it('makes calls of all the kinds that it names, and of no other', () => {
    const kinds = new Set(callsOf(workload, 7).flatMap((input) => input?.kind ?? []));
    expect([...kinds].sort()).toEqual([...workload.calls].sort());
  });

  it('reads at the end what a client can be asked', () => {
    for (const { kind } of workload.finalCalls(OPTIONS)) expect(workload.calls).toContain(kind);
  });

  it('says in one line what it proves', () => {
    expect(workload.proves).toMatch(/^[^\n|]+$/);
  });
});

it('workloads have names of their own', () => {
  expect(new Set(WORKLOADS.map(({ name }) => name)).size).toBe(WORKLOADS.length);
});
