import { expect, it } from 'vitest';
import { FileCalls } from './file-calls.js';

const never = new AbortController().signal;

it('makes so many calls at a time, in order', async () => {
  const calls = new FileCalls(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const call = (number: number) =>
    calls.run(never, () => {
      begun.push(number);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const all = [call(1), call(2), call(3), call(4)];
  await Promise.resolve();
  expect(begun).toEqual([1, 2]);
  ends[1]?.();
  await all[1];
  await new Promise(setImmediate);
  expect(begun).toEqual([1, 2, 3]);
  for (const end of [0, 2]) ends[end]?.();
  await all[2];
  await new Promise(setImmediate);
  ends[3]?.();
  await Promise.all(all);
  expect(begun).toEqual([1, 2, 3, 4]);
});

it('never begins a call that was given up while it waited', async () => {
  const calls = new FileCalls(1);
  const controller = new AbortController();
  const reason = new Error('given up');
  let end: () => void = () => undefined;
  const first = calls.run(
    never,
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  let isBegun = false;
  const second = calls.run(controller.signal, async () => {
    isBegun = true;
  });
  controller.abort(reason);
  end();
  await first;
  await expect(second).rejects.toBe(reason);
  expect(isBegun).toBe(false);
  expect(await calls.run(never, async () => 3)).toBe(3);
});
