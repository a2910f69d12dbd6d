import { describe, expect, it } from 'vitest';
import { Random } from '../../random.js';
import { Link } from './link.js';
import type { LinkFault } from './network.js';

function linkWith(fault: LinkFault): Link {
  const link = new Link(new Random(1));
  link.set(fault);
  return link;
}

/** When all of these bytes have gone, where they go as soon as they may. */
function goneAtMs(link: Link, bytes: number): number {
  let nowMs = 0;
  for (let left = bytes; left > 0; ) {
    const taken = link.takeBytes(left, nowMs);
    left -= taken;
    if (taken === 0) nowMs = link.freeAtMs;
  }
  return nowMs;
}

function delays(link: Link, bytes: number): readonly number[] {
  return Array.from({ length: 1_000 }, () => link.delayMs(bytes));
}

describe('a link', () => {
  it('costs nothing without a fault', () => {
    const link = linkWith({});
    expect([link.isCut, link.delayMs(10_000), goneAtMs(link, 1_000_000)]).toEqual([false, 0, 0]);
  });

  it('delays by what was asked, and by up to the jitter more', () => {
    const drawn = delays(linkWith({ delayMs: 30, jitterMs: 10 }), 10);
    expect(Math.floor(Math.min(...drawn))).toBe(30);
    expect(Math.ceil(Math.max(...drawn))).toBe(40);
  });

  it('lets as many bytes through a second as it is to, whoever sends them', () => {
    const link = linkWith({ bytesPerSecond: 100_000 });
    // What goes last takes no more waiting itself.
    expect(goneAtMs(link, 102_000)).toBeCloseTo(1_000);
    expect(link.takeBytes(1, 1_000)).toBe(0);
    expect(link.takeBytes(10, 1_020)).toBe(10);
  });

  it('lets pieces through that are no larger than asked', () => {
    expect(linkWith({ sliceBytes: 7 }).takeBytes(100, 0)).toBe(7);
  });

  it('holds up what is lost until TCP sends it again, twice as long each time', () => {
    const drawn = delays(linkWith({ lossShare: 0.5 }), 10);
    expect([...new Set(drawn)].toSorted((one, other) => one - other)).toEqual([
      0, 200, 600, 1_400, 3_000, 6_200, 12_600,
    ]);
    const lost = drawn.filter((ms) => ms > 0).length;
    expect(lost).toBeGreaterThan(450);
    expect(lost).toBeLessThan(550);
    // Of many packets one is lost nearly always.
    expect(delays(linkWith({ lossShare: 0.5 }), 100_000)).not.toContain(0);
    expect(linkWith({ lossShare: 1 }).isCut).toBe(true);
  });
});
