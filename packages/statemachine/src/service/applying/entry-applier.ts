import type { WireValue } from '@raft-ts/net';
import type { EntryContent, EntryItem } from '../../entries/entry-codec.js';
import type { ApplyContext, DurableStateMachine } from '../../machine/durable-state-machine.js';
import { SavedResult, SessionRefusal, type SessionTable } from '../../sessions/session-table.js';

/** The part of a machine that applies. */
type Machine<Command> = Pick<DurableStateMachine<Command, unknown>, 'apply'>;

/**
 * Carries out one committed entry, deterministically: sessions decide which commands take effect,
 * the machine what effect they take. Returns what to answer, item by item.
 */
export function applyEntry<Command>(
  machine: Machine<Command>,
  sessions: SessionTable,
  index: number,
  content: EntryContent<Command>,
): readonly (WireValue | SessionRefusal)[] {
  const logTimeMs = sessions.begin(index, content.logTimeMs);
  const context: ApplyContext = { index, logTimeMs, wallMs: content.wallMs };
  const answers = content.items.map((item) => applyItem(machine, sessions, item, context));
  sessions.end();
  return answers;
}

function applyItem<Command>(
  machine: Machine<Command>,
  sessions: SessionTable,
  item: EntryItem<Command>,
  context: ApplyContext,
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
      machine.apply(item.command, context);
      return null;
    case 'limits':
      sessions.setLimits(item.limits);
      return null;
  }
}
