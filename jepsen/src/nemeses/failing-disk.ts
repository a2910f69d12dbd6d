import type { Random } from '../random.js';
import { type CallFault, failCalls, SYNCS, tracerUnavailable, WRITES } from './failing-calls.js';
import type { Nemesis } from './nemesis.js';
import { striking } from './striking.js';
import { drawMinority } from './victims.js';

/** Calls of some members to the disk go wrong for a while. Who ends of it is started again. */
function failingDisk(
  name: string,
  proves: string,
  measure: (random: Random) => CallFault,
): Nemesis {
  return {
    name,
    proves,
    lastsMs: 4_000,
    pausesMs: 5_000,
    unavailable: tracerUnavailable,
    strike: (context) =>
      striking(context, async (holding) => {
        const { cluster, random, holds } = context;
        const drawn = drawMinority(random, cluster.members);
        const fault = measure(random);
        const members = drawn.filter((id) => cluster.processId(id) !== undefined);
        for (const id of members) holding.defer(() => settleAgain(holds.members.settle(id)));
        await holding.addAll(
          members.map(async (id) => {
            const member = cluster.members.find((place) => place.id === id);
            const processId = cluster.processId(id);
            // It may have been killed by another nemesis since it was asked for.
            if (member === undefined || processId === undefined) return NOTHING;
            return await failCalls(processId, member.directory, fault);
          }),
        );
        return { kind: name, members, ...fault };
      }),
  };
}

const NOTHING = { release: async () => undefined };

async function settleAgain(settled: Promise<boolean>): Promise<undefined> {
  await settled;
}

export const failingWrite: Nemesis = {
  ...failingDisk(
    'failing-write',
    'A write that fails is not acknowledged, and what follows it is not taken for whole',
    (random) => ({ calls: WRITES, injection: 'error=EIO', every: random.pick([1, 2, 5, 20]) }),
  ),
  endsMembers: true,
};

export const failingSync: Nemesis = {
  ...failingDisk(
    'failing-fsync',
    'After an fsync that failed nothing that it was for is acknowledged, even where the next succeeds',
    (random) => ({ calls: SYNCS, injection: 'error=EIO', every: random.pick([1, 2, 5, 20]) }),
  ),
  endsMembers: true,
};

export const slowWrite = failingDisk(
  'slow-write',
  'A disk that takes its time holds up neither heartbeats nor elections, nor has anyone answer too early',
  (random) => ({
    calls: WRITES,
    injection: `delay_exit=${random.between(5, 200) * 1_000}`,
    every: random.pick([1, 2, 5]),
  }),
);

export const slowSync = failingDisk(
  'slow-fsync',
  'What waits for a slow fsync is not acknowledged before it',
  (random) => ({
    calls: SYNCS,
    injection: `delay_exit=${random.between(20, 1_000) * 1_000}`,
    every: random.pick([1, 2, 5]),
  }),
);
