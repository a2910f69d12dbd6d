import { describe, expect, it } from 'vitest';
import type { History, HistoryHeader } from './history.js';
import type { CallInput, HistoryEvent } from './history-event.js';
import { type CallForm, operationsOf } from './operations.js';

/** Commands are answered with numbers, and reads say nothing of commands. */
const FORM: CallForm<string, number> = {
  input: ({ kind }) => (kind === 'other' ? undefined : kind),
  output: (_input, answer) => (typeof answer === 'number' ? answer : undefined),
  isCommand: (input) => input !== 'read',
};

/** A call by its kind and session, or an end by its call; and whose. */
type Happened = readonly [what: string, of: string | number, process?: string];

function history(...happened: Happened[]): History {
  const error = { code: 'X', message: 'x' };
  const events = happened.map(([what, of, process = 'p'], index): HistoryEvent => {
    const event = { index, atMs: index, process };
    if (what === 'ok') return { ...event, type: 'ok', call: Number(of), output: 1 };
    if (what === 'fail' || what === 'info')
      return { ...event, type: what, call: Number(of), error };
    const input: CallInput = { kind: what };
    return { ...event, type: 'invoke', input, ...(of === '' ? {} : { session: String(of) }) };
  });
  const header: HistoryHeader = {
    format: 1,
    workload: 'w',
    suite: 's',
    nemeses: [],
    seed: 1,
    startedAt: '',
    options: {},
  };
  return { header, events };
}

describe('operationsOf', () => {
  it('takes the indexes of events for moments', () => {
    const events = history(
      ['write', '', 'a'],
      ['read', '', 'b'],
      ['kill', '', 'nemesis'],
      ['ok', 1, 'b'],
      ['other', '', 'c'],
      ['fail', 0, 'a'],
      ['fail', 4, 'c'],
      ['write', '', 'd'],
      ['info', 7, 'd'],
      ['write', '', 'e'],
    );
    expect(operationsOf(events, FORM)).toEqual([
      { process: 'a', input: 'write', invokedAt: 0, outcome: 'failed' },
      { process: 'b', input: 'read', invokedAt: 1, outcome: 'done', output: 1, returnedAt: 3 },
      { process: 'd', input: 'write', invokedAt: 7, outcome: 'unknown' },
      { process: 'e', input: 'write', invokedAt: 9, outcome: 'unknown' },
    ]);
  });

  it('knows when a command can take effect at the latest, by the next one of its session', () => {
    const latest = (...happened: Happened[]) =>
      operationsOf(history(...happened), FORM).flatMap((operation) =>
        operation.outcome === 'unknown' ? [operation.latestAt] : [],
      );
    const lost: Happened[] = [
      ['write', 's'],
      ['info', 0],
    ];
    // The first answer of any that was called later.
    expect(latest(...lost, ['write', 's'], ['write', 's'], ['ok', 3], ['ok', 2])).toEqual([4]);
    expect(latest(...lost, ['write', 's'], ['info', 2], ['write', 's'], ['ok', 4])).toEqual([5, 5]);
    expect(latest(...lost, ['write', 's'], ['fail', 2])).toEqual([undefined]);
    expect(latest(...lost, ['write', 't'], ['ok', 2])).toEqual([undefined]);
    expect(latest(...lost, ['write', ''], ['ok', 2])).toEqual([undefined]);
    expect(latest(...lost, ['read', 's'], ['ok', 2])).toEqual([undefined]);
    // One that was called before the client gave up says nothing, nor does one without an end.
    expect(latest(['write', 's'], ['write', 's'], ['info', 0], ['ok', 1])).toEqual([undefined]);
    expect(latest(['write', 's'], ['write', 's'], ['ok', 1])).toEqual([undefined]);
  });

  it('refuses a call that it does not know and that may have taken effect', () => {
    for (const end of [
      ['ok', 0],
      ['info', 0],
    ] as const) {
      expect(() => operationsOf(history(['other', ''], end), FORM)).toThrow(
        expect.objectContaining({ code: 'HISTORY_INVALID' }),
      );
    }
    expect(() => operationsOf(history(['other', '']), FORM)).toThrow('event 0 calls');
  });

  it('refuses an answer that is none, and ends of no call', () => {
    const invalid = expect.objectContaining({ code: 'HISTORY_INVALID' });
    const { header, events } = history(['write', ''], ['ok', 0]);
    const wrong = events.map((event) => (event.type === 'ok' ? { ...event, output: 'x' } : event));
    expect(() => operationsOf({ header, events: wrong }, FORM)).toThrow(invalid);
    expect(() => operationsOf(history(['ok', 0]), FORM)).toThrow(invalid);
    expect(() => operationsOf(history(['write', ''], ['ok', 0], ['ok', 0]), FORM)).toThrow(invalid);
  });
});
