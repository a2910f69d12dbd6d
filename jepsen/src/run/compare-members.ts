import type { Cluster } from '../cluster/cluster.js';
import { NEMESIS } from '../histories/history-event.js';
import { callError } from './call-error.js';
import { pause } from './pause.js';
import type { RecordedHistory } from './recorded-history.js';

const AGAIN_MS = 200;

/**
 * Compares all members until they agree, once nobody writes any more, and writes down what differs at last:
 * nothing where they agree, and why they could not be compared where one never said what it holds. Nothing is written
 * where the database can't tell.
 */
export async function compareMembers(
  { database, members }: Cluster,
  { writer }: RecordedHistory,
  patienceMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (database.differences === undefined) return;
  const call = writer.invoked({ process: NEMESIS, input: { kind: 'compare-members' } });
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const isLast = performance.now() >= endMs || signal.aborted;
    try {
      const differences = await database.differences(members, signal);
      if (differences.length === 0 || isLast) return writer.ok(call, differences);
    } catch (error) {
      if (isLast) return writer.info(call, callError(error));
    }
    await pause(AGAIN_MS, signal);
  }
}
