import { describe, expect, it } from 'vitest';
import type { History } from '../../histories/history.js';
import type { CallInput } from '../../histories/history-event.js';
import type { Json } from '../../histories/json.js';
import { LogHistory } from '../../logs/log-history.js';
import type { CheckContext } from '../checker.js';
import { hardHistory } from './hard-history.test.support.js';
import { linearizability } from './linearizability.js';
import { keyValueLinearizability, registerLinearizability } from './linearizability-checkers.js';
import { keyValue } from './models/key-value.js';
import { keyValueCalls } from './models/key-value-calls.js';

const CONTEXT: CheckContext = {
  signal: new AbortController().signal,
  maxDurationMs: 600_000,
  maxMemoryBytes: 256 * 1024 * 1024,
  maxThreads: 0,
};

/** One call after the other, each second. */
function history(
  workload: string,
  calls: readonly (readonly [CallInput, Json])[],
  atMs = (index: number) => 1000 * index,
): History {
  const log = new LogHistory();
  for (const [index, [input, output]] of calls.entries()) {
    log.setTime(atMs(index));
    log.invoke(1, input);
    log.setTime(atMs(index) + 250);
    log.ok(1, output);
  }
  return log.history(workload);
}

const write = (value: number, key = 'x') => [{ kind: 'write', key, value }, null] as const;
const read = (value: number, key = 'x') => [{ kind: 'read', key }, value] as const;

/** Takes so long that it is never decided in these tests. */
function hard(): History {
  const log = new LogHistory();
  const operations = hardHistory('hard', 40);
  const moments = operations.flatMap((operation) =>
    operation.outcome === 'done' ? [operation.invokedAt, operation.returnedAt] : [],
  );
  for (const moment of [...new Set(moments)].sort((a, b) => a - b)) {
    log.setTime(moment);
    for (const { process, input, invokedAt } of operations) {
      if (invokedAt === moment) log.invoke(process, input);
    }
    for (const operation of operations) {
      if (operation.outcome !== 'done' || operation.returnedAt !== moment) continue;
      log.ok(operation.process, operation.output);
    }
  }
  return log.history('key-value');
}

describe('the checker of linearizability', () => {
  it('gives the order that it found, key by key, as calls', async () => {
    const valid = history('register', [write(1), write(2, 'y'), read(1), read(2, 'y')]);
    expect(await registerLinearizability.check(valid, CONTEXT)).toMatchObject({
      checker: 'linearizability',
      verdict: 'valid',
      findings: [],
      figures: { operations: 4, keys: 2, keysInvalid: 0, keysUnknown: 0 },
      orders: { x: [0, 4], y: [2, 6] },
    });
  });

  it('tells in words and times what is wrong, and marks the calls', async () => {
    const stale = history('register', [write(4), read(4), write(7), read(4), read(7)]);
    const { verdict, findings, orders } = await registerLinearizability.check(stale, CONTEXT);
    expect(verdict).toBe('invalid');
    expect(findings).toHaveLength(1);
    expect(findings[0]?.calls).toEqual([4, 6]);
    expect(findings[0]?.lines.slice(0, 5)).toEqual([
      'Not a linearizable register: key x.',
      'Read at 3.000 s returned 4, but 7 was acknowledged at 2.250 s and nothing wrote 4 after it.',
      "These can't all be, whichever of the others took effect:",
      '  process 1  write 7   from 2.000 s to 2.250 s',
      '  process 1  read → 4  from 3.000 s to 3.250 s',
    ]);
    expect(orders).toEqual({ x: [0, 2, 4] });
  });

  it('names events where the history has no times', async () => {
    const stale = history('register', [write(4), write(7), read(4)], () => 0);
    const { findings } = await registerLinearizability.check(
      { ...stale, events: stale.events.map((event) => ({ ...event, atMs: 0 })) },
      CONTEXT,
    );
    expect(findings[0]?.lines[1]).toContain(
      'Read at event 4 returned 4, but 7 was acknowledged at event 3',
    );
  });

  it('explains some of many violations, and names the others', async () => {
    const calls = ['a', 'b', 'c', 'd', 'e'].map((key) => read(1, key));
    const { findings, figures } = await registerLinearizability.check(
      history('register', calls),
      CONTEXT,
    );
    expect(findings.map(({ lines }) => lines[0])).toEqual([
      'Not a linearizable register: key a.',
      'Not a linearizable register: key b.',
      'Not a linearizable register: key c.',
      'Not linearizable either: d, e.',
    ]);
    expect(figures).toMatchObject({ keysInvalid: 5 });
  });

  it('is unknown at its limits, and says how far it came', async () => {
    const context = { ...CONTEXT, maxDurationMs: 300 };
    for (const maxThreads of [0, 1]) {
      const result = await keyValueLinearizability.check(hard(), { ...context, maxThreads });
      expect(result).toMatchObject({ verdict: 'unknown', figures: { keysUnknown: 1 } });
      const [first = '', second = ''] = result.findings[0]?.lines ?? [];
      expect(first).toBe(
        'Key hard has no verdict: the search ended with the time that it may take (0.3 s, 256 MiB).',
      );
      expect(second).toMatch(/^An order was found for everything that returned before|^It had not/);
    }
    const little = { ...CONTEXT, maxMemoryBytes: 200_000 };
    const { findings } = await keyValueLinearizability.check(hard(), little);
    expect(findings[0]?.lines[0]).toContain('the memory that it may take');
  });

  it('goes on in threads, which find what this one would have', async () => {
    const context = { ...CONTEXT, maxThreads: 2 };
    const checkers = [
      keyValueLinearizability,
      linearizability({ model: keyValue, form: keyValueCalls }),
    ];
    const log = new LogHistory();
    // Decided only after many steps: below the limit of the first attempt.
    for (const operation of hardHistory('key', 8)) {
      if (operation.outcome !== 'done') continue;
      log.invoke(operation.process, operation.input);
    }
    for (const operation of hardHistory('key', 8)) {
      if (operation.outcome === 'done') log.ok(operation.process, operation.output);
    }
    const judged = log.history('key-value');
    const results = await Promise.all(checkers.map((checker) => checker.check(judged, context)));
    expect(results[0]?.verdict).toBe(results[1]?.verdict);
    expect(results[0]?.orders).toEqual(results[1]?.orders);
  });

  it('ends when it is aborted', async () => {
    for (const maxThreads of [0, 1]) {
      const controller = new AbortController();
      const { signal } = controller;
      const result = keyValueLinearizability.check(hard(), { ...CONTEXT, signal, maxThreads });
      setImmediate(() => controller.abort());
      const { verdict, findings } = await result;
      expect(verdict).toBe('unknown');
      expect(findings[0]?.lines[0]).toContain('being interrupted');
    }
  });
});
