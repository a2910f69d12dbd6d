import type { Cluster } from '../cluster/cluster.js';
import { JepsenError } from '../errors.js';
import type { JsonObject } from '../histories/json.js';
import type { Holds } from './holds/holds.js';

/** A member that ended while it was waited for is started again after so long. */
const RETRY_MS = 500;

export interface HealingOptions {
  readonly cluster: Cluster;
  readonly holds: Holds;
  readonly maxHealingMs: number;
  readonly signal: AbortSignal;
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/**
 * Undoes whatever is held up still, and sees that nothing is: links are free, disks have room, clocks are right, and
 * every member runs and serves.
 * @returns the members that had ended without anybody holding them down
 * @throws JepsenError CLUSTER_FAILED where it can't be had in time, with what is not healed
 */
export async function healAll(options: HealingOptions): Promise<JsonObject> {
  const { cluster, holds } = options;
  const ids = cluster.members.map(({ id }) => id);
  await holds.links.heal();
  await Promise.all(ids.map((id) => holds.disks.free(id)));
  await Promise.all(ids.map((id) => holds.clocks.free(id)));
  const wrong = await wrongClocks(holds, ids);
  const ended = await Promise.all(ids.map((id) => holds.members.free(id)));
  const silent = await awaitAll(options, ids);
  const complaints = [
    ...silent.map((id) =>
      cluster.isRunning(id)
        ? `member ${id} runs and does not serve`
        : `member ${id} does not start`,
    ),
    ...wrong.map((id) => `the clock of member ${id} is not right`),
  ];
  if (complaints.length > 0) {
    const places = cluster.members.filter(({ id }) => silent.includes(id));
    const logs = places.map(({ logFile }) => logFile).join(', ');
    const hint = logs === '' ? '' : `; see ${logs}`;
    const message = `not healed within ${options.maxHealingMs} ms: ${complaints.join(', ')}${hint}`;
    throw new JepsenError('CLUSTER_FAILED', message);
  }
  return { ended: ids.filter((_, at) => ended[at] === true) };
}

async function wrongClocks(holds: Holds, ids: readonly number[]): Promise<readonly number[]> {
  const offsets = await Promise.all(ids.map((id) => holds.clocks.offsetMs(id)));
  return ids.filter((_, at) => offsets[at] !== 0);
}

/** Those that do not serve in time. */
async function awaitAll(
  { holds, maxHealingMs, signal, pause }: HealingOptions,
  ids: readonly number[],
): Promise<readonly number[]> {
  const late = new AbortController();
  const done = new AbortController();
  const timing = pause(maxHealingMs, done.signal).then(() => late.abort());
  const until = AbortSignal.any([signal, late.signal]);
  const silent = await Promise.all(
    ids.map(async (id) => {
      while (!until.aborted) {
        if (await holds.members.awaitServing(id, maxHealingMs, until)) return undefined;
        await pause(RETRY_MS, until);
        await holds.members.settle(id);
      }
      return id;
    }),
  );
  done.abort();
  await timing;
  return silent.filter((id) => id !== undefined);
}
