import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eachInParallel } from './parallel.js';

const never = new AbortController().signal;

it('does so many at a time, and all', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await eachInParallel([1, 2, 3, 4, 5], 2, never, async (item) => {
    most = Math.max(most, ++running);
    await setImmediate();
    running--;
    done.push(item);
  });
  expect([most, done.length]).toEqual([2, 5]);
});

it('ends with the first failure, once nothing is under way', async () => {
  let running = 0;
  const begun: number[] = [];
  const work = async (item: number, signal: AbortSignal) => {
    begun.push(item);
    running++;
    await setImmediate();
    running--;
    if (item === 2) throw new Error('two');
    if (item === 3) expect(signal.aborted).toBe(true);
  };
  await expect(eachInParallel([1, 2, 3, 4, 5, 6, 7], 3, never, work)).rejects.toThrow('two');
  expect(running).toBe(0);
  expect(begun.length).toBeLessThan(7);
});

it('ends with the reason of its caller', async () => {
  const controller = new AbortController();
  const reason = new Error('given up');
  const work = async () => controller.abort(reason);
  await expect(eachInParallel([1, 2, 3], 1, controller.signal, work)).rejects.toBe(reason);
});
