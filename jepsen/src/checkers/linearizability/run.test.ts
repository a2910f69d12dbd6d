import { describe, expect, it } from 'vitest';
import { JepsenError } from '../../errors.js';
import type { Operation } from '../../histories/operation.js';
import { hardHistory } from './hard-history.test.support.js';
import { keyValue } from './models/key-value.js';
import {
  type RegisterInput,
  type RegisterOutput,
  type RegisterValue,
  register,
} from './models/register.js';
import { checkLinearizability, checkLinearizabilityInSlices } from './run.js';

type RegisterOperation = Operation<RegisterInput, RegisterOutput>;

const span = (from: number, to: number) => ({ process: from, invokedAt: from, returnedAt: to });

function read(from: number, to: number, output: RegisterValue): RegisterOperation {
  return { ...span(from, to), input: { kind: 'read' }, outcome: 'done', output };
}

function write(from: number, to: number, value: RegisterValue): RegisterOperation {
  return { ...span(from, to), input: { kind: 'write', value }, outcome: 'done', output: null };
}

function compareAndSet(
  [begin, end]: readonly [number, number],
  from: RegisterValue,
  to: RegisterValue,
  output: boolean,
): RegisterOperation {
  const input = { kind: 'compare-and-set', from, to } as const;
  return { ...span(begin, end), input, outcome: 'done', output };
}

function unknownWrite(from: number, value: RegisterValue): RegisterOperation {
  const input = { kind: 'write', value } as const;
  return { process: from, invokedAt: from, input, outcome: 'unknown' };
}

/** One that takes effect by then, or never. */
function boundedWrite(from: number, latestAt: number, value: RegisterValue): RegisterOperation {
  const input = { kind: 'write', value } as const;
  return { process: from, invokedAt: from, input, outcome: 'unknown', latestAt };
}

function verdict(...operations: readonly RegisterOperation[]): string {
  return checkLinearizability(register, operations).verdict;
}

describe('checkLinearizability', () => {
  it('finds nothing wrong with nothing', () => {
    expect(verdict()).toBe('ok');
  });

  it('refuses a read of a value that was replaced before it was called', () => {
    expect(verdict(write(0, 1, 1), write(2, 3, 2), read(4, 5, 2))).toBe('ok');
    expect(verdict(write(0, 1, 1), write(2, 3, 2), read(4, 5, 1))).toBe('illegal');
  });

  it('lets operations that overlap take effect in any order', () => {
    expect(verdict(write(0, 9, 1), write(1, 8, 2), read(10, 11, 1))).toBe('ok');
    expect(verdict(write(0, 9, 1), write(1, 8, 2), read(10, 11, 2))).toBe('ok');
    expect(verdict(write(0, 9, 1), write(1, 8, 2), read(10, 11, 1), read(12, 13, 2))).toBe(
      'illegal',
    );
  });

  it('takes a return and a call at the same moment for overlapping', () => {
    expect(verdict(write(0, 5, 1), read(5, 6, null))).toBe('ok');
    expect(verdict(write(0, 5, 1), read(6, 7, null))).toBe('illegal');
  });

  it('sees that a value was read before a read that does not know it', () => {
    expect(verdict(write(0, 100, 1), read(10, 20, 1), read(30, 40, null))).toBe('illegal');
  });

  it('lets an operation of unknown outcome take effect late, or never, and once', () => {
    expect(verdict(unknownWrite(0, 1), read(1, 2, null), read(90, 91, 1))).toBe('ok');
    expect(verdict(unknownWrite(0, 1), read(1, 2, null), read(90, 91, null))).toBe('ok');
    const twice = [write(3, 4, 2), read(5, 6, 1), write(7, 8, 2), read(9, 10, 1)];
    expect(verdict(unknownWrite(0, 1), ...twice)).toBe('illegal');
    expect(verdict(unknownWrite(0, 1), unknownWrite(1, 1), ...twice)).toBe('ok');
  });

  it('does not let an operation of unknown outcome take effect after its last moment', () => {
    expect(verdict(boundedWrite(0, 5, 1), read(6, 7, 1))).toBe('ok');
    expect(verdict(boundedWrite(0, 5, 1), read(6, 7, null))).toBe('ok');
    expect(verdict(boundedWrite(0, 5, 1), read(6, 7, null), read(8, 9, 1))).toBe('illegal');
    expect(verdict(unknownWrite(0, 1), read(6, 7, null), read(8, 9, 1))).toBe('ok');
    // A read that was called in time is no proof that it had no effect.
    expect(verdict(boundedWrite(0, 5, 1), read(5, 7, null), read(8, 9, 1))).toBe('ok');
    // It fits before and behind the other one, and has to come behind.
    const late = [boundedWrite(0, 5, 1), read(1, 9, 1), write(6, 20, null), read(7, 8, null)];
    expect(verdict(...late)).toBe('ok');
  });

  it('does not let an operation of unknown outcome take effect before its call', () => {
    expect(verdict(read(0, 1, 1), unknownWrite(2, 1))).toBe('illegal');
  });

  it('does not let a failed operation take effect', () => {
    const failed: RegisterOperation = {
      process: 0,
      invokedAt: 0,
      input: { kind: 'write', value: 1 },
      outcome: 'failed',
    };
    expect(verdict(failed, read(1, 2, null))).toBe('ok');
    expect(verdict(failed, read(1, 2, 1))).toBe('illegal');
  });

  it('believes a compare-and-set that did not match', () => {
    expect(verdict(write(0, 1, 1), compareAndSet([2, 3], 1, 2, true), read(4, 5, 2))).toBe('ok');
    expect(verdict(write(0, 1, 1), compareAndSet([2, 3], 1, 2, false))).toBe('illegal');
    expect(verdict(write(0, 1, 3), compareAndSet([2, 3], 1, 2, false))).toBe('ok');
    // A write that nobody reads may be what it did not match.
    expect(verdict(write(0, 1, 1), unknownWrite(0, 9), compareAndSet([2, 3], 1, 2, false))).toBe(
      'ok',
    );
  });

  it('refuses operations that return before they are called, or at no time', () => {
    const impossible = [read(5, 4, null), read(0, Number.NaN, null), boundedWrite(5, 4, 1)];
    for (const operation of impossible) {
      expect(() => checkLinearizability(register, [operation])).toThrow(
        expect.objectContaining({ name: 'JepsenError', code: 'HISTORY_INVALID' }),
      );
    }
  });

  it('refuses limits that are none', () => {
    for (const options of [{ maxSteps: 0 }, { maxMemoryBytes: Number.NaN }, { maxDurationMs: 0 }]) {
      expect(() => checkLinearizability(register, [], options)).toThrow(JepsenError);
    }
  });
});

describe('the limits of a check', () => {
  const hard = hardHistory('hard', 14);

  it('end it without a verdict', () => {
    const ends = [
      [{ maxSteps: 50_000 }, 'steps'],
      [{ maxMemoryBytes: 200_000 }, 'memory'],
      [{ maxDurationMs: 1 }, 'time'],
    ] as const;
    for (const [limits, reason] of ends) {
      const result = checkLinearizability(keyValue, hard, limits);
      expect(result).toMatchObject({ verdict: 'unknown', reason });
    }
  });

  it('are kept', () => {
    const limits = { maxSteps: 100_000, maxMemoryBytes: 10_000_000 };
    const { statistics } = checkLinearizability(keyValue, hard, limits);
    expect(statistics.steps).toBeLessThan(110_000);
    expect(statistics.peakMemoryBytes).toBeLessThanOrEqual(10_000_000);
    const little = checkLinearizability(keyValue, hard, { maxMemoryBytes: 300_000 });
    expect(little.statistics.peakMemoryBytes).toBeLessThanOrEqual(300_000);
  });

  it('are for what is remembered at once, however many keys there are', () => {
    const keys = Array.from({ length: 200 }, (_, i) => hardHistory(`key ${i}`, 1).slice(0, -1));
    const result = checkLinearizability(keyValue, keys.flat(), { maxMemoryBytes: 50_000 });
    expect(result).toMatchObject({ verdict: 'ok', statistics: { partitions: 200 } });
  });

  it('do not keep one key from being found illegal because another is too hard', () => {
    const operations = [...hard, ...hardHistory('easy', 2), ...hard];
    const result = checkLinearizability(keyValue, operations, { maxSteps: 100_000 });
    expect(result).toMatchObject({ verdict: 'illegal', explanation: { partition: 'easy' } });
  });

  it('leave a verdict that is certain as it is, and end only its explanation', () => {
    const easy = hardHistory('easy', 2);
    const whole = checkLinearizability(keyValue, easy);
    const { steps } = checkLinearizability(keyValue, easy, { maxExplanationSteps: 0 }).statistics;
    const without = checkLinearizability(keyValue, easy, { maxSteps: steps });
    expect(whole.verdict === 'illegal' && whole.explanation.contradiction).toHaveLength(2);
    expect(without).toMatchObject({ verdict: 'illegal', explanation: { stuck: undefined } });
  });

  it('give the same result for the same history', () => {
    const limits = { maxSteps: 70_000, maxDurationMs: Number.POSITIVE_INFINITY };
    for (const history of [hard, hardHistory('easy', 3)]) {
      const results = [1, 2].map(() => checkLinearizability(keyValue, history, limits));
      expect(results[1]).toEqual(results[0]);
    }
  });
});

describe('checkLinearizabilityInSlices', () => {
  it('gives the same verdicts', async () => {
    for (const values of [1, 2, 3]) {
      const history = hardHistory('key', values);
      expect(await checkLinearizabilityInSlices(keyValue, history)).toEqual(
        checkLinearizability(keyValue, history),
      );
    }
  });

  it('lets others run, and ends when it is aborted', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    setImmediate(() => controller.abort());
    const result = await checkLinearizabilityInSlices(keyValue, hardHistory('hard', 14), {
      signal,
    });
    expect(result).toMatchObject({ verdict: 'unknown', reason: 'aborted' });
  });

  it('does not begin when it was aborted before', async () => {
    const options = { signal: AbortSignal.abort() };
    const result = await checkLinearizabilityInSlices(keyValue, hardHistory('key', 2), options);
    expect(result).toMatchObject({ verdict: 'unknown', reason: 'aborted' });
  });

  it('ends at its deadline', async () => {
    const options = { maxDurationMs: 1 };
    const result = await checkLinearizabilityInSlices(keyValue, hardHistory('hard', 14), options);
    expect(result).toMatchObject({ verdict: 'unknown', reason: 'time' });
  });
});
