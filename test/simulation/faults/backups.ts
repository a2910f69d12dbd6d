import { isRaftError, streamBackup } from 'raft-ts';
import { allMembers } from 'raft-ts/core';
import { CLUSTER_ID, httpAddressOf } from '../addresses.js';
import { MachineClock } from '../machine-clock.js';
import { APPLICATION } from '../member/snapshots.js';
import { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import { VirtualHttpClient } from '../wire/http.js';
import { type Fault, FaultDraw, type FaultWorld, faultKind } from './fault.js';

/** Whose machine the backup comes to. */
const BACKUP_NODE = 98;

interface Asked {
  /** Whether members that give it are killed meanwhile, how soon, and how long they are down. */
  readonly kills: boolean;
  readonly delayMs: number;
  readonly downMs: number;
}

/** An operator backs the cluster up while all the rest happens; whoever gives the state may be killed. */
const backUp = faultKind(
  'backup',
  ({ random }): Asked => ({
    kills: random.chance(0.5),
    delayMs: random.magnitude(0.1, 100),
    downMs: random.magnitude(25, 3000),
  }),
  (fault, world) => {
    const { cluster, coverage, time, network } = world;
    const leader = cluster.leader();
    const status = leader === undefined ? undefined : cluster.status(leader);
    if (leader === undefined || status === undefined) return undefined;
    const process = new VirtualProcess('backup', time, new MachineClock(time));
    network.attach(BACKUP_NODE, process);
    const { configuration, endpoints } = status.membership;
    const peers = allMembers(configuration).map((member) => ({
      member,
      address: endpoints[member]?.http ?? httpAddressOf(member),
    }));
    const giving = { member: 0 };
    const stopKilling = fault.kills ? killGivers(fault, world, giving) : () => {};
    const ending = new AbortController();
    const chunks: Buffer[] = [];
    streamBackup(
      async (bytes) => {
        chunks.push(Buffer.from(bytes));
      },
      {
        clusterId: CLUSTER_ID,
        application: APPLICATION,
        peers,
        leader,
        index: status.commit,
        client: new VirtualHttpClient(BACKUP_NODE, process, cluster.http),
        clock: process.clock,
        progress: ({ from }) => {
          giving.member = from;
        },
      },
      ending.signal,
    )
      .then(
        () => {
          coverage.count('backup taken');
          if (giving.member !== leader) coverage.count('backup taken from a follower');
          world.backedUp(Buffer.concat(chunks), status.commit);
        },
        (error: unknown) => {
          if (!ending.signal.aborted && !isRaftError(error, 'SNAPSHOT_FAILED')) throw error;
        },
      )
      .finally(stopKilling);
    return () => ending.abort(new Error('the operator has given up'));
  },
);

/** Once: whoever gives the backup as it sends some of it. */
function killGivers(
  { delayMs, downMs }: Asked,
  world: FaultWorld,
  giving: { readonly member: number },
): () => void {
  const { cluster, coverage, time } = world;
  const stop = cluster.onMoment((moment, member) => {
    if (moment !== 'serving' || member !== giving.member) return;
    stop();
    time.after(delayMs, () => {
      if (world.healed || !cluster.runs(member)) return;
      coverage.count('member crashed as it gave a backup');
      cluster.crash([member]);
      time.after(downMs, () => cluster.start(member));
    });
  });
  return stop;
}

/** Share of the runs with backups, and how many those have at most. */
const SHARE = 0.3;
const MAX_BACKUPS = 3;
/** Nothing else is tried for so long. */
const DURATION_MS = 10_000;

/** Draws the backups of a run, one after the other; their numbers come behind `after`. */
export function drawBackups(
  random: Random,
  members: readonly number[],
  untilMs: number,
  after: number,
): readonly Fault[] {
  if (!random.chance(SHARE)) return [];
  const draw = new FaultDraw(random, members);
  const faults: Fault[] = [];
  const count = random.integer(1, MAX_BACKUPS);
  const gapMs = untilMs / MAX_BACKUPS;
  for (let i = 0; i < count; i++) {
    const durationMs = Math.min(DURATION_MS, gapMs / 2);
    const atMs = i * gapMs + random.between(0, gapMs - durationMs);
    const number = after + 1 + i;
    faults.push({ number, kind: backUp.name, atMs, durationMs, ...backUp.draw(draw) });
  }
  return faults;
}
