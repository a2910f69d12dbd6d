import type { ReplicaStatus } from 'raft-ts';

/** Where a master's messages for people go, a line each. */
export type LogLine = (message: string) => void;

/** Lines for people: the time (UTC), who, and what. */
export function timedLines(write: (line: string) => void, who: string): LogLine {
  return (message) => write(`${new Date().toISOString()} ${who}: ${message}`);
}

/** Lines that strangers can cause: so many in a period, milliseconds. */
const MAX_STRANGERS_LINES = 20;
const STRANGERS_PERIOD_MS = 10_000;

/** Lines that whoever reaches the port can cause, at most so many in a period: the rest is counted. */
export function boundedLines(log: LogLine, monotonicMs: () => number): LogLine {
  let beganMs = Number.NEGATIVE_INFINITY;
  let said = 0;
  let left = 0;
  return (message) => {
    const nowMs = monotonicMs();
    if (nowMs - beganMs >= STRANGERS_PERIOD_MS) {
      if (left > 0) log(`left out ${left} lines about connections`);
      beganMs = nowMs;
      said = 0;
      left = 0;
    }
    if (said < MAX_STRANGERS_LINES) {
      said += 1;
      log(message);
    } else left += 1;
  };
}

type RoleStatus = Pick<ReplicaStatus, 'role' | 'term' | 'leader' | 'recovering'>;

/** Says what a change of a member's standing means; undefined when it is nothing to people. */
export class RoleChanges {
  #role = '';
  /** Undefined before anything was said. */
  #leader: number | undefined;
  #recovering = false;

  describe(status: RoleStatus): string | undefined {
    const { role, term, leader, recovering } = status;
    if (recovering !== this.#recovering) {
      this.#recovering = recovering;
      return recovering
        ? 'joins: counts once the others have brought it up to date'
        : 'is up to date, and counts';
    }
    const before = { role: this.#role, leader: this.#leader };
    this.#role = role;
    this.#leader = leader;
    const leads = role === 'leader';
    if (leads !== (before.role === 'leader')) {
      const who = leader === 0 ? '' : `: member ${leader} does`;
      return leads ? `leads from now on (term ${term})` : `no longer leads (term ${term})${who}`;
    }
    // Campaigns come and go; what counts is whether there is a leader.
    if (leads || leader === before.leader) return undefined;
    return leader === 0
      ? `has no leader (term ${term})`
      : `follows member ${leader} (term ${term})`;
  }
}
