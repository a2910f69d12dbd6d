import { describe, expect, it } from 'vitest';
import { HEAL, type HistoryEvent, NEMESIS } from '../histories/history-event.js';
import { faultsOf } from './faults.js';

const invoke = (index: number, atMs: number, input: object) =>
  ({ index, atMs, process: NEMESIS, type: 'invoke', input }) as HistoryEvent;
const end = (index: number, atMs: number, call: number, rest: object) =>
  ({ index, atMs, process: NEMESIS, call, ...rest }) as HistoryEvent;
const ok = (output: unknown = null) => ({ type: 'ok', output });
const error = { code: 'NEMESIS_UNAVAILABLE', message: 'no' };

describe('faultsOf', () => {
  it('gives each fault from its strike to the end of its own healing', () => {
    const faults = faultsOf([
      invoke(0, 10, { kind: 'kill', members: [2] }),
      end(1, 12, 0, ok('killed n2')),
      invoke(2, 20, { kind: 'pause' }),
      end(3, 21, 2, ok({ kind: 'pause-one', members: [1] })),
      invoke(4, 30, { kind: HEAL, fault: 0 }),
      end(5, 35, 4, ok()),
    ]);
    expect(faults).toEqual([
      { kind: 'kill', text: 'members [2]: killed n2', fromMs: 10, toMs: 35, error: undefined },
      {
        kind: 'pause',
        text: 'pause-one, members [1]',
        fromMs: 20,
        toMs: undefined,
        error: undefined,
      },
    ]);
  });

  it('ends all that is left with a healing that names none', () => {
    const faults = faultsOf([
      invoke(0, 10, { kind: 'kill' }),
      invoke(1, 11, { kind: 'pause' }),
      invoke(2, 12, { kind: HEAL, fault: 0 }),
      end(3, 13, 2, ok()),
      invoke(4, 20, { kind: HEAL }),
      end(5, 25, 4, ok({ ended: [] })),
    ]);
    expect(faults.map(({ toMs }) => toMs)).toEqual([13, 25]);
  });

  it('tells what did not strike from what may have', () => {
    const faults = faultsOf([
      invoke(0, 10, { kind: 'clock' }),
      end(1, 11, 0, { type: 'fail', error }),
      invoke(2, 20, { kind: 'clock' }),
      end(3, 21, 2, { type: 'info', error }),
      // A healing that failed has healed nothing, and one of an unknown fault is of no use.
      invoke(4, 30, { kind: HEAL, fault: 2 }),
      end(5, 31, 4, { type: 'info', error }),
      invoke(6, 40, { kind: HEAL, fault: 77 }),
      end(7, 41, 6, ok()),
    ]);
    expect(faults).toMatchObject([
      { fromMs: 10, toMs: 11, error: 'NEMESIS_UNAVAILABLE: no' },
      { fromMs: 20, toMs: undefined, error: 'NEMESIS_UNAVAILABLE: no' },
    ]);
  });
});
