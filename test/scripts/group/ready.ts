import type { RaftStatus, Role } from 'raft-ts/core';
import { describeBase, describeEntry, describeRole } from './describe.js';
import type { Work } from './work.js';

/** What a member knows of its term, as scripts show it. */
export interface ShownState {
  readonly term: number;
  readonly votedFor: number;
  readonly commit: number;
  readonly leader: number;
  readonly role: Role;
}

/** A member's state as it is now, and as it was shown before. */
export interface StateChange {
  readonly now: ShownState;
  readonly before: ShownState;
}

export function shownState({ term, votedFor, commit, leader, role }: RaftStatus): ShownState {
  return { term, votedFor, commit, leader, role };
}

export function softStateChanged({ now, before }: StateChange): boolean {
  return now.leader !== before.leader || now.role !== before.role;
}

export function hardStateChanged(change: StateChange): boolean {
  return termChanged(change) || change.now.commit !== change.before.commit;
}

function termChanged({ now, before }: StateChange): boolean {
  return now.term !== before.term || now.votedFor !== before.votedFor;
}

/** `Term:1 Vote:2 Commit:3`, without a vote that was not given. */
function describeHardState({ term, votedFor, commit }: ShownState): string {
  return `Term:${term}${votedFor === 0 ? '' : ` Vote:${votedFor}`} Commit:${commit}`;
}

/** Everything that a member does at one moment, section by section. */
export function describeReady(change: StateChange, work: Work): string {
  const { now } = change;
  const { notes, entries, snapshot, committed } = work;
  const messages = [...work.messages.map(({ text }) => text), ...work.orders];
  const lines: string[] = [];
  if (softStateChanged(change)) lines.push(`Lead:${now.leader} State:${describeRole(now.role)}`);
  if (hardStateChanged(change)) lines.push(`HardState ${describeHardState(now)}`);
  lines.push(...notes);
  if (entries.length > 0) lines.push('Entries:', ...entries.map(describeEntry));
  if (snapshot !== undefined) lines.push(`Snapshot ${describeBase(snapshot)}`);
  if (committed.length > 0) lines.push('CommittedEntries:', ...committed.map(describeEntry));
  if (messages.length > 0) lines.push('Messages:', ...messages);
  if (lines.length === 0) return '<empty Ready>';
  const mustSync = entries.length > 0 || termChanged(change);
  return [`Ready MustSync=${mustSync}:`, ...lines].join('\n');
}
