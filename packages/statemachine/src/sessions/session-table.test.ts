import type { WireValue } from '@raft-ts/net';
import fc from 'fast-check';
import { EntryType } from 'raft-ts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EntryItem } from '../entries/entry-codec.js';
import type { FrameworkRow } from '../machine/durable-state-machine.js';
import { applyEntry } from '../service/applying/entry-applier.js';
import { StateHash } from '../state-hash/state-hash.js';
import { defaultSessionLimits, type SessionLimits } from './session-limits.js';
import { SavedResult, SessionRefusal, SessionTable } from './session-table.js';

/** Rows as a machine keeps them. */
class Rows {
  readonly byKey = new Map<string, Uint8Array>();

  write(rows: readonly FrameworkRow[]): void {
    const keys = new Set<string>();
    for (const { key, value } of rows) {
      const hex = Buffer.from(key).toString('hex');
      expect(keys.has(hex)).toBe(false);
      keys.add(hex);
      if (value === undefined) this.byKey.delete(hex);
      else this.byKey.set(hex, value);
    }
  }

  async *read() {
    for (const [hex, value] of this.byKey) yield { key: Buffer.from(hex, 'hex'), value };
  }

  load(): Promise<SessionTable> {
    return SessionTable.load(this.read());
  }

  /** Comparable. */
  dump(): string[] {
    return [...this.byKey]
      .map(([key, value]) => `${key}=${Buffer.from(value).toString('hex')}`)
      .sort();
  }
}

async function emptyTable(limits: Partial<SessionLimits> = {}): Promise<SessionTable> {
  const table = await new Rows().load();
  table.setLimits({ ...defaultSessionLimits, ...limits });
  return table;
}

/** Opens a session in an entry of its own. */
function open(table: SessionTable, index: number, logTimeMs: number, host = 'here'): number {
  table.begin(index, logTimeMs);
  const id = table.open(host);
  table.end();
  if (id instanceof SessionRefusal) throw new Error(id.code);
  return id;
}

/** One command in an entry of its own; returns its result, the saved one, or a refusal's code. */
function run(
  table: SessionTable,
  index: number,
  logTimeMs: number,
  [id, sequence, acknowledgedBelow]: readonly [number, number, number],
  result: WireValue,
): WireValue {
  table.begin(index, logTimeMs);
  const known = table.check(id, sequence, acknowledgedBelow);
  if (known === undefined) table.save(id, sequence, result);
  table.end();
  if (known instanceof SavedResult) return ['saved', known.value];
  return known instanceof SessionRefusal ? known.code : result;
}

describe('SessionTable', () => {
  it('carries out a command once, in whatever order commands come', async () => {
    const table = await emptyTable();
    const id = open(table, 1, 10);
    expect(run(table, 2, 20, [id, 3, 1], 'three')).toBe('three');
    expect(run(table, 3, 30, [id, 1, 1], 'one')).toBe('one');
    expect(run(table, 4, 40, [id, 3, 1], 'again')).toEqual(['saved', 'three']);
    expect(run(table, 5, 50, [id, 2, 2], null)).toBe(null);
    expect(run(table, 6, 60, [id, 2, 2], 'again')).toEqual(['saved', null]);
  });

  it('forgets what was acknowledged, and refuses it then', async () => {
    const table = await emptyTable();
    const rows = new Rows();
    const id = open(table, 1, 10);
    for (let sequence = 1; sequence <= 10; sequence++) {
      run(table, sequence + 1, 20, [id, sequence, sequence], sequence);
    }
    expect(run(table, 20, 30, [id, 9, 1], 'late')).toBe('SEQUENCE_ACKNOWLEDGED');
    rows.write(table.takeRows());
    // The state row; one row with the result of 10; one with the last activity.
    expect(rows.byKey.size).toBe(3);
    expect(run(table, 21, 40, [id, 11, 11], 'eleven')).toBe('eleven');
    rows.write(table.takeRows());
    expect(rows.byKey.size).toBe(2);
  });

  it('refuses commands beyond the window, and lets them in once the oldest are acknowledged', async () => {
    const table = await emptyTable({ maxOutstanding: 4 });
    const id = open(table, 1, 10);
    expect(run(table, 2, 20, [id, 5, 1], 5)).toBe('SEQUENCE_BEYOND_WINDOW');
    expect(run(table, 3, 20, [id, 4, 1], 4)).toBe(4);
    expect(run(table, 4, 20, [id, 5, 2], 5)).toBe(5);
  });

  it('refuses commands while too many bytes of results wait', async () => {
    const table = await emptyTable({ maxSavedBytes: 1000 });
    const id = open(table, 1, 10);
    expect(run(table, 2, 20, [id, 1, 1], 'x'.repeat(2000))).toBe('x'.repeat(2000));
    expect(run(table, 3, 20, [id, 2, 1], 'two')).toBe('SESSION_RESULTS_FULL');
    expect(run(table, 4, 20, [id, 2, 2], 'two')).toBe('two');
  });

  it('ends a session by the time of the log alone, to the millisecond', async () => {
    const table = await emptyTable({ idleMs: 100 });
    const id = open(table, 1, 1000);
    expect(run(table, 2, 1099, [id, 1, 1], 1)).toBe(1);
    expect(run(table, 3, 1198, [id, 2, 2], 2)).toBe(2);
    expect(run(table, 4, 1298, [id, 3, 3], 3)).toBe('SESSION_EXPIRED');
    expect(table.size).toBe(0);
    expect(table.savedBytes).toBe(0);
  });

  it('never lets the time run back', async () => {
    const table = await emptyTable();
    expect(table.begin(1, 1000)).toBe(1000);
    expect(table.begin(2, 900)).toBe(1000);
    expect(table.begin(3, 1001)).toBe(1001);
  });

  it('refuses sessions above the limit until others end', async () => {
    const table = await emptyTable({ maxSessions: 2, idleMs: 100 });
    open(table, 1, 10);
    const second = open(table, 2, 20);
    expect(() => open(table, 3, 30)).toThrow('SESSION_LIMIT');
    table.begin(4, 40);
    table.close(second);
    table.end();
    expect(open(table, 5, 50)).toBeGreaterThan(second);
    expect(open(table, 6, 110)).toBeGreaterThan(0);
    expect(table.size).toBe(2);
  });

  it('has the least recently used session give way, of the host that has too many', async () => {
    const limits = { maxSessions: 4, maxSessionsPerHost: 2, replaceableAfterMs: 100 };
    const table = await emptyTable(limits);
    const other = open(table, 1, 0, 'other');
    const first = open(table, 2, 10);
    const second = open(table, 3, 20);
    expect(run(table, 4, 60, [first, 1, 1], 'first')).toBe('first');
    // All of this host were used a short time ago; another host is none of its business.
    expect(() => open(table, 5, 119)).toThrow('SESSION_LIMIT');
    expect(open(table, 6, 119, 'third host')).toBeGreaterThan(0);
    const third = open(table, 7, 120);
    expect(run(table, 8, 120, [second, 1, 1], 'gone')).toBe('SESSION_EXPIRED');
    expect(run(table, 9, 120, [first, 1, 1], 'again')).toEqual(['saved', 'first']);
    expect(table.list(0, 10).map(({ id }) => id)).not.toContain(second);
    // As many as may be of all: the one that is idle for longest gives way, whosever it is.
    expect(open(table, 10, 130, 'fourth host')).toBeGreaterThan(third);
    expect(table.has(other)).toBe(false);
    expect(() => open(table, 11, 131, 'fifth host')).toThrow('SESSION_LIMIT');
  });

  it('does not take the place of a session that the same entry uses', async () => {
    const table = await emptyTable({ maxSessions: 2, replaceableAfterMs: 100 });
    const [old, recent] = [open(table, 1, 0), open(table, 2, 10)];
    table.begin(3, 1000);
    expect(table.check(old, 1, 1)).toBe(undefined);
    table.save(old, 1, 'kept');
    expect(typeof table.open('here')).toBe('number');
    table.end();
    expect([table.has(old), table.has(recent)]).toEqual([true, false]);
  });

  it('serves others while one host opens sessions without end, before and after a restart', async () => {
    const rows = new Rows();
    const table = await rows.load();
    let index = 0;
    let refused = 0;
    const flood = (entries: number, into: SessionTable) => {
      for (let entry = 0; entry < entries; entry++) {
        into.begin(++index, index);
        for (let i = 0; i < 1000; i++) if (typeof into.open('flooding') !== 'number') refused++;
        into.end();
      }
    };
    flood(70, table);
    expect(table.size).toBe(32_768);
    expect(refused).toBe(70_000 - 32_768);
    expect(open(table, ++index, index, 'working')).toBeGreaterThan(0);
    rows.write(table.takeRows());
    const restarted = await rows.load();
    flood(1, restarted);
    expect(open(restarted, ++index, index, 'working')).toBeGreaterThan(0);
    // Of the flooding host, too, somebody gets in as soon as its oldest are idle.
    expect(() => open(restarted, ++index, index, 'flooding')).toThrow('SESSION_LIMIT');
    expect(open(restarted, ++index, 61_000, 'flooding')).toBeGreaterThan(0);
    expect(restarted.size).toBe(32_770);
  });

  it('lists sessions by ascending id, in pages', async () => {
    const table = await emptyTable();
    const first = open(table, 1, 10, 'one');
    const second = open(table, 2, 20, 'two');
    run(table, 3, 30, [first, 1, 1], 'x');
    const [one, ...others] = table.list(0, 10);
    expect(one).toMatchObject({ id: first, host: 'one', idleMs: 0, savedResults: 1 });
    expect(others).toMatchObject([{ id: second, host: 'two', idleMs: 10, savedResults: 0 }]);
    expect(one?.savedBytes).toBeGreaterThan(others[0]?.savedBytes ?? 0);
    expect(table.list(0, 1).map(({ id }) => id)).toEqual([first]);
    expect(table.list(first, 10).map(({ id }) => id)).toEqual([second]);
  });

  describe('when all sessions together hold too much', () => {
    const limits = { maxSavedBytes: 3000, maxTotalSavedBytes: 4500, replaceableAfterMs: 100 };
    let table: SessionTable;
    /** The first two hold 2,500 bytes each, used at 20; the third nothing. */
    let [older, newer, small]: number[] = [];
    const use = (index: number, logTimeMs: number, ...request: [number, number, number]) =>
      run(table, index, logTimeMs, request, 'result');

    beforeEach(async () => {
      table = await emptyTable(limits);
      [older, newer, small] = [open(table, 1, 20), open(table, 2, 20), open(table, 3, 20)];
      run(table, 4, 20, [older, 1, 1], 'x'.repeat(2500));
      run(table, 5, 20, [newer, 1, 1], 'x'.repeat(2500));
    });

    it('ends none that was used a short time ago: those that hold much have to acknowledge', () => {
      expect(use(6, 100, newer ?? 0, 2, 1)).toBe('SESSION_RESULTS_FULL');
      expect(use(7, 100, older ?? 0, 2, 1)).toBe('SESSION_RESULTS_FULL');
      expect(use(8, 100, older ?? 0, 1, 1)).toEqual(['saved', 'x'.repeat(2500)]);
      expect(use(9, 100, small ?? 0, 1, 1)).toBe('result');
      expect(use(10, 100, newer ?? 0, 2, 2)).toBe('result');
      expect(use(11, 100, older ?? 0, 2, 1)).toBe('result');
      expect(table.size).toBe(3);
    });

    it('ends those that were not, the least recently used first, and no more than needed', () => {
      expect(use(6, 119, small ?? 0, 1, 1)).toBe('result');
      expect(use(7, 120, older ?? 0, 2, 2)).toBe('SESSION_EXPIRED');
      expect(use(8, 120, newer ?? 0, 2, 1)).toBe('result');
    });

    it('lets a command through that acknowledges all before it, however large the last result', () => {
      expect(use(6, 100, older ?? 0, 2, 2)).toBe('result');
    });
  });

  it('ends many idle sessions in bounded steps, none of which can be used any more', async () => {
    const table = await emptyTable({ idleMs: 100 });
    const ids: number[] = [];
    for (let entry = 1; entry <= 5; entry++) {
      table.begin(entry, 0);
      for (let i = 0; i < 600; i++) ids.push(Number(table.open('here')));
      table.end();
    }
    expect(new Set(ids).size).toBe(3000);
    expect(run(table, 6, 500, [ids.at(-1) ?? 0, 1, 1], 1)).toBe('SESSION_EXPIRED');
    expect(table.size).toBe(3000 - 1024 - 1);
    table.begin(7, 500);
    table.begin(8, 500);
    expect(table.size).toBe(0);
  });

  it('refuses rows that it can not read', async () => {
    for (const [key, value] of [
      ['00', 'c1'],
      ['00', '90'],
      ['07', '90'],
      [`01${'00'.repeat(16)}`, '93010203'],
      [`01${'00'.repeat(16)}`, '9401019101 90'.replace(' ', '')],
    ] as const) {
      const rows = new Rows();
      rows.byKey.set(key, Buffer.from(value, 'hex'));
      await expect(rows.load()).rejects.toMatchObject({ code: 'SESSIONS_CORRUPT' });
    }
    const withoutState = new Rows();
    const table = await emptyTable();
    open(table, 1, 10);
    withoutState.write(table.takeRows());
    withoutState.byKey.delete('00');
    await expect(withoutState.load()).rejects.toMatchObject({ code: 'SESSIONS_CORRUPT' });
  });
});

// Few sessions and sequences, so that duplicates, gaps and late ones are frequent.
const anItem: fc.Arbitrary<EntryItem<number>> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      host: fc.constantFrom('here', 'there', 'elsewhere'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('close' as const), session: anySession() }),
  },
  {
    weight: 12,
    arbitrary: fc
      .record({
        session: anySession(),
        sequence: fc.integer({ min: 1, max: 14 }),
        behind: fc.integer({ min: 0, max: 6 }),
        command: fc.integer({ min: 0, max: 60 }),
      })
      .map(({ session, sequence, behind, command }) => ({
        kind: 'command' as const,
        session,
        sequence,
        acknowledgedBelow: Math.max(1, sequence - behind),
        command,
      })),
  },
);

/** Ids of sessions opened by one of the first entries. */
function anySession(): fc.Arbitrary<number> {
  return fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 1 }))
    .map(([index, place]) => index * 1024 + place);
}

const someEntries = fc.array(
  fc.record({
    items: fc.array(anItem, { minLength: 1, maxLength: 6 }),
    /** The clock of a leader; it may be behind the one before. */
    stepMs: fc.integer({ min: -20, max: 40 }),
    /** Whether a member commits after this entry, and then restarts. */
    next: fc.constantFrom('go on', 'commit', 'restart'),
  }),
  { minLength: 6, maxLength: 40 },
);

describe('SessionTable, by random entries', () => {
  it('is the same with restarts in the middle, and carries nothing out twice', async () => {
    await fc.assert(
      fc.asyncProperty(someEntries, async (entries) => {
        const limits = {
          ...defaultSessionLimits,
          maxSessions: 4,
          maxSessionsPerHost: 2,
          replaceableAfterMs: 40,
          maxOutstanding: 6,
          maxSavedBytes: 150,
          maxTotalSavedBytes: 300,
          idleMs: 150,
        };
        const steady = await emptyTable(limits);
        const steadyRows = new Rows();
        let restarted = await emptyTable(limits);
        const restartedRows = new Rows();
        const carriedOut = new Map<string, WireValue>();
        let logTimeMs = 1000;
        for (const [i, { items, stepMs, next }] of entries.entries()) {
          logTimeMs += stepMs;
          const machine = {
            apply: (command: number) => `${i}:${'r'.repeat(command)}`,
          };
          const content = { logTimeMs, wallMs: 0, items };
          const entry = { index: i + 1, term: 1, type: EntryType.Command, data: Buffer.alloc(0) };
          const stateHash = new StateHash();
          const answers = applyEntry({ machine, sessions: steady, stateHash }, entry, content);
          steadyRows.write(steady.takeRows());
          expect(applyEntry({ machine, sessions: restarted, stateHash }, entry, content)).toEqual(
            answers,
          );
          if (next !== 'go on') restartedRows.write(restarted.takeRows());
          if (next === 'restart') restarted = await restartedRows.load();
          expect(restarted.savedBytes).toBe(steady.savedBytes);
          for (const [place, item] of items.entries()) {
            if (item.kind !== 'command' || answers[place] instanceof SessionRefusal) continue;
            const key = `${item.session}/${item.sequence}`;
            // A result is always that of the first time.
            if (carriedOut.has(key)) expect(answers[place]).toBe(carriedOut.get(key));
            else carriedOut.set(key, answers[place]);
          }
        }
        restartedRows.write(restarted.takeRows());
        expect(restartedRows.dump()).toEqual(steadyRows.dump());
        const reloaded = await restartedRows.load();
        expect(reloaded.list(0, 10)).toEqual(steady.list(0, 10));
      }),
      { numRuns: 300 },
    );
  });
});
