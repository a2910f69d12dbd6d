/** Every fault that strikes and every interesting state that is reached, at least once in all runs. */
export const COVERAGE_KINDS = [
  'packet late',
  'message lost',
  'message duplicated',
  'message out of order',
  'packet held up',
  'packet lost to a partition',
  'packet of a broken stream late',
  'connection not believed after a silence',
  'connections reset',
  'connections reset again and again',
  'connections refused',
  'process ended',
  'process that lives taken for ended',
  'strangers knock',
  'stranger refused that did not greet',
  'stranger refused for want of room',
  'connection refused for want of room',
  'connection cut off as tables need its file',
  'message cut on its way',
  'request or answer cut on its way',
  'requests not taken in at a limit',
  'connection half open',
  'link slow',
  'partition',
  'one-way partition',
  'links cut one by one',
  'links flapping',
  'link clogged',
  'member isolated',
  'member crashed',
  'leader crashed',
  'new leader crashed at once',
  'member crashed as it wrote',
  'member crashed as it replaced entries',
  'member crashed as it installed a snapshot',
  'members crashed together',
  'all members crashed',
  'member stopped and started',
  'member restarted',
  'member paused',
  'clock drifting',
  'clock jumped for a while',
  'clock jumped for good',
  'clock decades ahead',
  'clock decades behind',
  'wall time of the log ran back by a day or more',
  'disk slow',
  'disk stalled',
  'disk full',
  'writes fail',
  'fsync fails',
  'member stopped by its disk',
  'bits flipped in an old entry',
  'synced entries lost',
  'damage of the log noticed',
  'founder started late',
  'first appends of a leader lost',
  'founder emptied that had promised nothing',
  'founder emptied before all others knew of it',
  'founder emptied and told again who founds',
  'membership changed before all founders were heard from',
  'older copy of a disk put back',
  'contradiction of what is committed noticed',
  'machine went wrong',
  'state that differs from most noticed',
  'disk wiped',
  'log wiped',
  'state wiped',
  'member noticed that it lost its log',
  'member recovered',
  'writes lost in a crash',
  'group of writes cut by a crash',
  'write kept that was not acknowledged',
  'crash with a mark lowered',
  'crash with a mark not raised',
  'crash behind all steps of a write',
  'mark lost in a crash',
  'mark torn by a crash',
  'removed rows back',
  'state machine set back by a crash',
  'snapshot interrupted by a crash',
  'log compacted',
  'log cut by policy',
  'snapshot fetched',
  'snapshot could not be fetched',
  'snapshot overtaken by a newer one',
  'snapshot installed',
  'membership changed',
  'leader cut off as it changed the membership',
  'change of membership refused',
  'change of membership lost or of unknown outcome',
  'machine taken out of use',
  'joint configuration entered',
  'joint configuration left',
  'joint configuration cut in two',
  'leader elected in a joint configuration',
  'learner promoted',
  'voter became a learner',
  'leader removed itself',
  'leader elected as the process of another had ended',
  'lead handed over before a stop',
  'transfer done',
  'transfer failed',
  'transfer refused',
  'leader forgotten',
  'campaign on request',
  'leader elected',
  'leader elected of priority 0',
  'leader stepped down in its term',
  'leader with a stalled disk stepped down',
  'two leaders of different terms',
  'uncommitted tail replaced',
  'entries of an older term committed by a new leader',
  'vote refused',
  'append refused',
  'entries read from disk',
  'write acknowledged',
  'write refused',
  'request refused at a limit',
  'write lost to another leader',
  'write of unknown outcome',
  'write of unknown outcome took effect',
  'window full',
  'read served by the leader',
  'read served by a follower',
  'read served on a lease',
  'operation checked',
  'read answered',
  'read failed',
  'read failed over',
] as const;

export type CoverageKind = (typeof COVERAGE_KINDS)[number];

/** How often each kind happened. */
export class Coverage {
  readonly #counts = new Map<CoverageKind, number>(COVERAGE_KINDS.map((kind) => [kind, 0]));

  count(kind: CoverageKind, times = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + times);
  }

  /** Adds what another one counted. */
  add(counts: Readonly<Record<string, number>>): void {
    for (const kind of COVERAGE_KINDS) this.count(kind, counts[kind] ?? 0);
  }

  /** Kinds that never happened. */
  missing(): readonly CoverageKind[] {
    return COVERAGE_KINDS.filter((kind) => this.#counts.get(kind) === 0);
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  table(): string {
    const width = Math.max(...COVERAGE_KINDS.map((kind) => kind.length));
    return COVERAGE_KINDS.map(
      (kind) => `${kind.padEnd(width)} ${`${this.#counts.get(kind) ?? 0}`.padStart(9)}`,
    ).join('\n');
  }
}
