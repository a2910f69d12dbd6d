import { describe, expect, it } from 'vitest';
import { Coverage } from '../coverage.js';
import { MachineClock } from '../machine-clock.js';
import { VirtualProcess } from '../process.js';
import { Random } from '../random.js';
import { VirtualTime } from '../time.js';
import { VirtualNetwork } from './network.js';

async function arrivals(seed: number, sent: readonly number[]): Promise<readonly number[]> {
  const time = new VirtualTime();
  const random = new Random(seed);
  const options = { delayMs: 10, lateRate: 0.05 };
  const network = new VirtualNetwork(time, random.fork('network'), options, new Coverage());
  network.attach(2, new VirtualProcess('2', time, new MachineClock(time)));
  const stream = network.open(1, 2);
  const arrived: number[] = [];
  for (const packet of sent) {
    network.send(stream, () => arrived.push(packet));
    await time.run(time.nowMs + random.exponential(1), () => false);
  }
  await time.run(time.nowMs + 60_000, () => false);
  return arrived;
}

describe('packets of one stream', () => {
  it('arrive in order, though many arrive at the moment at which a late one does', async () => {
    const sent = Array.from({ length: 100 }, (_, i) => i);
    for (let seed = 0; seed < 50; seed++) expect(await arrivals(seed, sent)).toEqual(sent);
  });
});
