import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { OpenCalls } from './open-calls.js';

const never = new Promise<never>(() => undefined);

it('a call that hangs ends for its caller, and for a close', async () => {
  const calls = new OpenCalls();
  const controller = new AbortController();
  const reason = new Error('given up');
  const given = calls.run(controller.signal, () => never);
  const open = calls.run(new AbortController().signal, () => never);
  controller.abort(reason);
  await expect(given).rejects.toBe(reason);
  calls.close();
  await expect(open).rejects.toMatchObject({ code: 'UNREACHABLE' });
  const late = calls.run(new AbortController().signal, async () => 1);
  await expect(late).rejects.toMatchObject({ code: 'UNREACHABLE' });
});

it('tells the call, and hides what it fails with once it was given up', async () => {
  const calls = new OpenCalls();
  const controller = new AbortController();
  const reason = new Error('given up');
  const call = calls.run(controller.signal, async (signal) => {
    controller.abort(reason);
    expect(signal.reason).toBe(reason);
    throw new Error('as told');
  });
  await expect(call).rejects.toBe(reason);
});

it('leaves no listener behind', async () => {
  const calls = new OpenCalls();
  const { signal } = new AbortController();
  expect(await calls.run(signal, async () => 1)).toBe(1);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
