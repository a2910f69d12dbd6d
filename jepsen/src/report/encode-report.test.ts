import { describe, expect, it } from 'vitest';
import { encodeReport } from './encode-report.js';
import { generatedInput } from './generated-input.test.support.js';
import { clientCalls } from './history-calls.js';
import { describeShort, factsOf } from './page/describe.js';
import { operationsOf } from './page/operations.js';

const input = generatedInput({ operations: 2000, clients: 10, seed: 3 });

describe('encodeReport', () => {
  it('keeps every call, with its times and its outcome', () => {
    const data = encodeReport(input);
    const operations = operationsOf(data);
    const calls = clientCalls(input.history.events);
    expect(operations.count).toBe(2000);
    for (const [at, { index, invokedMs, returnedMs, outcome, process }] of calls.entries()) {
      expect(operations.call[at]).toBe(index);
      expect(operations.fromUs[at]).toBe(Math.round(invokedMs * 1000));
      expect(operations.toUs[at]).toBe(Math.round((returnedMs ?? 0) * 1000));
      expect(['ok', 'fail', 'info'][operations.outcome[at] ?? 9]).toBe(outcome);
      expect(data.processes[operations.process[at] ?? 0]).toBe(`${process}`);
    }
  });

  it('names the operations of findings and orders by their places', () => {
    const { findings, orders, operations } = encodeReport(input);
    const calls = operationsOf(encodeReport(input)).call;
    const [finding] = input.results[0]?.findings ?? [];
    expect(findings[0]?.operations.map((at) => calls[at])).toEqual(finding?.calls);
    expect(orders.map(({ name }) => name)).toEqual(['0 (linearizability)', '1 (linearizability)']);
    expect(orders[0]?.operations.map((at) => calls[at])).toEqual(input.results[0]?.orders?.[0]);
    expect(operations.call.length).toBe(2000);
  });

  it('leaves out calls that a finding names and the history does not have', () => {
    const [result] = input.results;
    const finding = { lines: ['lost'], calls: [-1, 0.5, 1e9] };
    const results = result === undefined ? [] : [{ ...result, findings: [finding] }];
    expect(encodeReport({ ...input, results }).findings[0]?.operations).toEqual([]);
  });

  it('says of an operation what the history says', () => {
    const data = encodeReport({
      ...input,
      results: [],
      history: {
        ...input.history,
        events: [
          { index: 0, atMs: 1, process: 'a', type: 'invoke', input: { kind: 'read', key: 'x' } },
          { index: 1, atMs: 2, process: 7, type: 'invoke', input: { kind: 'list' }, member: 2 },
          { index: 2, atMs: 4.5, process: 'a', type: 'ok', call: 0, output: [1], member: 3 },
        ],
      },
    });
    expect(describeShort(data, 0)).toBe('read key "x" → [1]');
    expect(factsOf(data, 0)).toEqual([
      ['Call', '0 in the history'],
      ['Process', 'a'],
      ['Called', 'read key "x"'],
      ['Answered', '[1]'],
      ['When', 'from 0.001000 s to 0.004500 s, 3.5 ms'],
      ['Member', 'n3'],
    ]);
    expect(factsOf(data, 1)).toEqual([
      ['Call', '1 in the history'],
      ['Process', '7'],
      ['Called', 'list'],
      ['Outcome unknown', ''],
      ['When', 'from 0.002000 s, never returned'],
      ['Member', 'n2'],
    ]);
  });

  it('joins equal roles that follow one another', () => {
    const roles = [
      { atMs: 0, roles: { 1: 'leader' } },
      { atMs: 10, roles: { 1: 'leader' } },
      { atMs: 20, roles: {} },
      { atMs: 30, roles: { 1: 'silent' } },
    ] as const;
    const { members, lengthUs } = encodeReport({ ...input, roles });
    expect(members[0]?.roles).toEqual([
      { role: 'leader', fromUs: 0, toUs: 20_000 },
      { role: 'silent', fromUs: 30_000, toUs: lengthUs },
    ]);
  });
});
