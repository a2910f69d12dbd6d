import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setImmediate as soon } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinkFault } from './network.js';
import { readAll, TinyNetwork } from './tiny-network.test.support.js';

const RUNS = 30;

const faults: fc.Arbitrary<LinkFault> = fc.oneof(
  fc.constant({}),
  fc.constant({ cut: true }),
  fc.record(
    {
      delayMs: fc.integer({ min: 0, max: 15 }),
      jitterMs: fc.integer({ min: 0, max: 15 }),
      bytesPerSecond: fc.integer({ min: 200_000, max: 5_000_000 }),
      sliceBytes: fc.integer({ min: 1, max: 5_000 }),
    },
    { requiredKeys: [] },
  ),
);

const steps = fc.array(
  fc.oneof(
    fc.record({ there: faults, back: faults }),
    fc.record({ bytes: fc.integer({ min: 1, max: 60_000 }) }),
  ),
  { minLength: 1, maxLength: 12 },
);

/** Different at each place, so that nothing can be swapped for another. */
function numbered(bytes: number, from: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at++) buffer[at] = ((from + at) * 2_654_435_761) >>> 24;
  return buffer;
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

describe('proxies', () => {
  it('bring all bytes unchanged and in order, whatever befell the links, and leave nothing', async () => {
    await (await TinyNetwork.open(() => undefined))[Symbol.asyncDispose]();
    await soon();
    const [descriptorsBefore, timersBefore] = [openDescriptors(), timers()];
    const property = fc.asyncProperty(steps, fc.integer({ min: 0 }), async (drawn, seed) => {
      await using tiny = await TinyNetwork.open(echo, seed);
      const socket = tiny.connect();
      const answer = readAll(socket);
      const sent: Buffer[] = [];
      let length = 0;
      for (const step of drawn) {
        if ('bytes' in step) {
          const piece = numbered(step.bytes, length);
          length += piece.length;
          sent.push(piece);
          socket.write(piece);
        } else {
          await tiny.network.setLink('clients', 1, step.there);
          await tiny.network.setLink(1, 'clients', step.back);
        }
        await soon();
      }
      socket.end();
      await tiny.network.heal();
      const came = await answer;
      expect(came instanceof Buffer && came.equals(Buffer.concat(sent))).toBe(true);
    });
    await fc.assert(property, { numRuns: RUNS });
    while (openDescriptors() > descriptorsBefore) await soon();
    // The runner has some of its own, which end.
    expect(timers()).toBeLessThanOrEqual(timersBefore);
  });
});

function echo(socket: Socket): void {
  socket.pipe(socket);
}
