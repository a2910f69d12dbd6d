import { JepsenError } from '../errors.js';
import { findFaketime } from './faketime.js';
import type { Holds } from './holds/holds.js';
import { repeating } from './holds/repeating.js';
import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';
import { drawMinority, drawSome } from './victims.js';

const HOUR_MS = 3_600_000;
const NOT_INSTALLED = 'libfaketime is not installed (Debian: apt-get install libfaketime)';

async function unavailable(): Promise<string | undefined> {
  return (await findFaketime()) === undefined ? NOT_INSTALLED : undefined;
}

async function prepare(holds: Holds): Promise<void> {
  const library = await findFaketime();
  if (library === undefined) throw new JepsenError('NEMESIS_UNAVAILABLE', NOT_INSTALLED);
  await holds.clocks.prepare(library);
}

/** The wall clocks of some members jump, by milliseconds or by an hour, ahead or back. */
export const clockJump: Nemesis = {
  name: 'clock-jump',
  proves: 'Leases, sessions and the order of what happens do not hang on wall clocks',
  lastsMs: 5_000,
  pausesMs: 4_000,
  unavailable,
  prepare,
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random, holds } = context;
      const members = drawSome(random, cluster.members);
      const aheadMs = members.map(() => {
        const size = Math.round(10 * (HOUR_MS / 10) ** random.fraction());
        return random.chance(0.5) ? size : -size;
      });
      await holding.addAll(members.map((id, at) => holds.clocks.ahead(id, aheadMs[at] ?? 0)));
      return { kind: 'clock-jump', members, aheadMs };
    }),
};

/** All clocks of some members, those that count elapsed time too, go too fast or too slow. They start anew for it. */
export const clockDrift: Nemesis = {
  name: 'clock-drift',
  proves: 'Leases and timeouts bear clocks that go up to a tenth too fast or too slow',
  lastsMs: 10_000,
  pausesMs: 5_000,
  unavailable,
  prepare,
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random, holds } = context;
      const members = drawMinority(random, cluster.members);
      const rates = members.map(() => 0.9 + 0.2 * random.fraction());
      await holding.addAll(members.map((id, at) => holds.clocks.drifting(id, rates[at] ?? 1)));
      return { kind: 'clock-drift', members, rates };
    }),
};

/** The wall clocks of some members jump to and fro, many times a second. */
export const clockStrobe: Nemesis = {
  name: 'clock-strobe',
  proves: 'Wall clocks that jump to and fro while a request is under way mislead nobody',
  lastsMs: 5_000,
  pausesMs: 4_000,
  unavailable,
  prepare,
  strike: (context) =>
    striking(context, async (holding) => {
      const { cluster, random, holds, pause } = context;
      const members = drawSome(random, cluster.members);
      const aheadMs = Math.round(10 * 1_000 ** random.fraction());
      const everyMs = random.between(10, 200);
      for (const id of members) {
        const strobe = repeating(async (over) => {
          const ahead = await holds.clocks.ahead(id, aheadMs);
          await pause(everyMs, over);
          await ahead.release();
          await pause(everyMs, over);
        });
        holding.add(strobe);
      }
      return { kind: 'clock-strobe', members, aheadMs, everyMs };
    }),
};
