import { expect, it } from 'vitest';
import { Cells } from './cells.js';
import { counterRequest, lockRequest } from './requests.js';

/** Of a clock that goes a tenth too fast or too slow, to one that is right. */
const [FAST, SLOW] = [1.1, 0.9];

it('has a lock given to nobody else before its lease is over, by a clock that is too fast', () => {
  const cells = new Cells();
  const acquireAt = (ms: number) => {
    const request = lockRequest({ kind: 'acquire', lock: 'l', leaseMs: 1_000 });
    if (!('command' in request)) throw new Error('acquire is a command');
    return cells.apply(request.command, { index: 1, logTimeMs: Math.floor(ms * FAST), wallMs: 0 });
  };
  expect(acquireAt(0)).toBe(1);
  expect(acquireAt(999)).toBeNull();
  expect(acquireAt(1_001)).toBe(2);
});

it('asks for reads that are no staler than they may be, by a clock that is too slow', () => {
  const call = { kind: 'read', key: 'c', consistency: 'bounded', maxStaleMs: 200 };
  const request = counterRequest(call);
  if (!('query' in request) || typeof request.consistency !== 'object')
    throw new Error('not bounded');
  expect(request.consistency.maxStaleMs / SLOW).toBeLessThanOrEqual(200);
});
