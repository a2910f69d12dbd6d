import { afterEach, describe, expect, it } from 'vitest';
import { isRaftError } from '../errors.js';
import type { Replica } from './replica.js';
import { Fixture } from './replica.test.support.js';

let replica: Replica | undefined;

afterEach(async () => {
  await replica?.stop();
  replica = undefined;
});

describe('handing over the lead', () => {
  it('tells each caller of its own transfer, also where the same target was asked before', async () => {
    const f = new Fixture();
    const leader = await f.start([1, 2, 3]);
    replica = leader;
    await f.passWith2(1000);
    expect(leader.status().role).toBe('leader');
    const told: string[] = [];
    const ask = (target: number, name: string) => {
      leader.transferLeadership(target).catch((error: unknown) => {
        const outcome = isRaftError(error, 'TRANSFER_FAILED') ? error.details.outcome : error;
        told.push(`${name}: ${outcome}`);
      });
    };
    ask(2, 'first');
    ask(3, 'second');
    ask(2, 'third');
    ask(2, 'fourth');
    await f.clock.handleInput();
    expect(told).toEqual(['first: replaced', 'second: replaced']);
    await f.passWith2(500);
    expect(told.slice(2)).toEqual(['third: expired', 'fourth: expired']);
  });
});
