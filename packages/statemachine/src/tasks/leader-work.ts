import { decodeValue, encodeValue } from '@raft-ts/net';
import { encodeItem } from '../entries/entry-codec.js';
import type { DurableStateMachine } from '../machine/durable-state-machine.js';
import { type SessionLimits, sameLimits } from '../sessions/session-limits.js';
import type { SessionTable } from '../sessions/session-table.js';

/**
 * The next item that a leader itself wants in the log, encoded: first that the sessions' limits
 * are those of its options, then what the machine wants done.
 */
export function nextLeaderWork(
  sessions: Pick<SessionTable, 'limits'>,
  limits: SessionLimits,
  machine: Pick<DurableStateMachine<unknown, unknown>, 'parseCommand' | 'pendingWork'>,
): Uint8Array | undefined {
  if (!sameLimits(limits, sessions.limits)) return encodeItem({ kind: 'limits', limits });
  const command = machine.pendingWork();
  if (command === undefined) return undefined;
  // As every member will read it: one that is refused there would stop them all.
  machine.parseCommand(decodeValue(encodeValue(command)));
  return encodeItem({ kind: 'work', command });
}
