import type { ReplicaStatus } from 'raft-ts';

/** Where a master's messages for people go, a line each. */
export type LogLine = (message: string) => void;

/** Lines for people: the time (UTC), who, and what. */
export function timedLines(write: (line: string) => void, who: string): LogLine {
  return (message) => write(`${new Date().toISOString()} ${who}: ${message}`);
}

/** Says what a change of role, term or leader means; undefined when it is nothing to people. */
export class RoleChanges {
  #role = '';
  #leader = 0;

  describe({
    role,
    term,
    leader,
  }: Pick<ReplicaStatus, 'role' | 'term' | 'leader'>): string | undefined {
    const changed = role !== this.#role || leader !== this.#leader;
    const led = this.#role === 'leader';
    this.#role = role;
    this.#leader = leader;
    if (!changed) return undefined;
    if (role === 'leader') return `leads from now on (term ${term})`;
    if (led) return `no longer leads (term ${term})`;
    if (leader !== 0) return `follows member ${leader} (term ${term})`;
    return role === 'follower' ? `has no leader (term ${term})` : undefined;
  }
}
