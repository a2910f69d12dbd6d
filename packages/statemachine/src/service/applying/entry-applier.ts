import { encodeValue, type WireValue } from '@raft-ts/net';
import type { Entry } from 'raft-ts';
import type { EntryContent, EntryItem } from '../../entries/entry-codec.js';
import type { ApplyContext, DurableStateMachine } from '../../machine/durable-state-machine.js';
import { SavedResult, SessionRefusal, type SessionTable } from '../../sessions/session-table.js';
import { entersStretch, type StateHash } from '../../state-hash/state-hash.js';

/** The part of a machine that applies. */
type Machine<Command> = Pick<DurableStateMachine<Command, unknown>, 'apply'>;

/** What an entry is applied to. */
export interface AppliedTo<Command> {
  readonly machine: Machine<Command>;
  readonly sessions: SessionTable;
  readonly stateHash: StateHash;
}

/**
 * Carries out one committed entry, deterministically: sessions decide which commands take effect,
 * the machine what effect they take. Returns what to answer, item by item.
 */
export function applyEntry<Command>(
  { machine, sessions, stateHash }: AppliedTo<Command>,
  entry: Entry,
  content: EntryContent<Command>,
): readonly (WireValue | SessionRefusal)[] {
  const beforeMs = sessions.logTimeMs;
  const logTimeMs = sessions.begin(entry.index, content.logTimeMs);
  const context: ApplyContext = { index: entry.index, logTimeMs, wallMs: content.wallMs };
  /** What the machine's own work came to; the results of commands stand in the sessions' rows. */
  const worked: Uint8Array[] = [];
  const answers = content.items.map((item) => applyItem(machine, sessions, item, context, worked));
  stateHash.applied(entry, [...sessions.end(), ...worked], entersStretch(beforeMs, logTimeMs));
  for (const item of content.items) {
    if (item.kind !== 'hashes') continue;
    if (item.agreed.length === 0) stateHash.beginAnew();
    else stateHash.judge(item.agreed);
  }
  return answers;
}

function applyItem<Command>(
  machine: Machine<Command>,
  sessions: SessionTable,
  item: EntryItem<Command>,
  context: ApplyContext,
  worked: Uint8Array[],
): WireValue | SessionRefusal {
  switch (item.kind) {
    case 'command': {
      const { session, sequence } = item;
      const known = sessions.check(session, sequence, item.acknowledgedBelow);
      if (known instanceof SavedResult) return known.value;
      if (known instanceof SessionRefusal) return known;
      const result = machine.apply(item.command, context);
      sessions.save(session, sequence, result);
      return result;
    }
    case 'open': {
      const opened = sessions.open(item.host);
      return opened instanceof SessionRefusal ? opened : [opened, sessions.limits.maxOutstanding];
    }
    case 'close':
      sessions.close(item.session);
      return null;
    case 'work':
      worked.push(encodeValue(machine.apply(item.command, context)));
      return null;
    case 'limits':
      sessions.setLimits(item.limits);
      return null;
    case 'hashes':
      return null;
  }
}
