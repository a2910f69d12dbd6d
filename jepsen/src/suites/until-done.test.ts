import { expect, it } from 'vitest';
import { untilDone } from './until-done.js';

it('is tried until it is done', async () => {
  let tries = 0;
  const attempt = async () => {
    tries++;
    if (tries < 2) throw new Error('not now');
  };
  await untilDone(attempt, Number.POSITIVE_INFINITY);
  expect(tries).toBe(2);
});

it('fails as the last attempt did once the time is over', async () => {
  await expect(untilDone(() => Promise.reject(new Error('never')), 0)).rejects.toThrow('never');
});
