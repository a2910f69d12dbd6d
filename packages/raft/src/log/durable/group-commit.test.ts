import { describe, expect, it } from 'vitest';
import { EMPTY_HARD_STATE, EntryType } from '../../core/log/entry.js';
import { EMPTY_BASE, type LogBase } from '../../core/log/log-state.js';
import { EMPTY_MEMBERSHIP } from '../../core/membership/membership.js';
import type { LogWrite } from '../log-store.js';
import { LogTail } from '../log-tail.js';
import { GroupCommit } from './group-commit.js';
import { takeInteger } from './layout.js';
import { EMPTY_MARK, type Mark } from './mark.js';
import { Outlining } from './outlining.js';
import { logEnds, PackedWriteGroup, WriteGroupPacker } from './packed-write-group.js';

/** Writes down what happens to the log and the mark, in order. */
class Recorder {
  readonly events: string[] = [];
  mark: Mark = EMPTY_MARK;
  failing = false;

  readonly batch = {
    put: (key: Uint8Array) => this.events.push(`put ${keyOf(key)}`),
    delete: (key: Uint8Array) => this.events.push(`delete ${keyOf(key)}`),
    write: ({ sync }: { readonly sync: boolean }) => {
      if (this.failing) {
        this.events.push('no space');
        throw new Error('no space');
      }
      this.events.push(sync ? 'fsync log' : 'write log');
    },
    clear: () => {},
  };

  readonly outline = {
    write: (bytes: Uint8Array) => this.events.push(`outline of ${bytes.byteLength}`),
  };

  deleteRange(first: Uint8Array, end: Uint8Array): void {
    this.events.push(`delete from ${keyOf(first)} to before ${keyOf(end)}`);
  }

  write(mark: Mark): void {
    this.mark = mark;
    const { term, votedFor, recovery, lastIndex, lastTerm } = mark;
    const recovering = recovery === 0 ? '' : ` recovery ${recovery}`;
    this.events.push(`mark ${term}/${votedFor} ${lastIndex}/${lastTerm}${recovering}`);
  }

  sync(): void {
    this.events.push('fsync mark');
  }

  taken(): string[] {
    return this.events.splice(0);
  }
}

function keyOf(key: Uint8Array): string {
  if (key[4] === 0xff) return key.at(-1) === 0xff ? 'hard state' : 'base';
  return String(takeInteger(Buffer.from(key), 4));
}

function base(index: number, term: number): LogBase {
  return { index, term, membership: EMPTY_MEMBERSHIP };
}

function entries(first: number, last: number, term: number): LogWrite['entries'] {
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    index: first + i,
    term,
    type: EntryType.Command,
    data: new Uint8Array(3),
  }));
}

/** `outlineBytes`: of entries until the outline is written anew. */
function setUp(outlineBytes = Number.POSITIVE_INFINITY) {
  const recorder = new Recorder();
  const commit = new GroupCommit(recorder, recorder.batch, recorder, recorder.outline, 0);
  const state = {
    hardState: EMPTY_HARD_STATE,
    base: EMPTY_BASE,
    lastIndex: 0,
    termRuns: [],
    sizes: [],
    membershipEntries: [],
  };
  const tail = new LogTail(state);
  const outlining = new Outlining(outlineBytes, { state, readFrom: 1 });
  const groupOf = (...writes: LogWrite[]) => {
    const group = new WriteGroupPacker(4096);
    for (const write of writes) {
      const change = tail.accept(write);
      group.add(write, change, outlining.after(write, change, tail));
    }
    group.seal(logEnds(tail));
    return new PackedWriteGroup(group.memory);
  };
  return { recorder, commit, groupOf };
}

describe('GroupCommit', () => {
  it('marks entries after they are in the log, and does not wait for the mark', () => {
    const { recorder, commit, groupOf } = setUp();
    commit.write([groupOf({ entries: entries(1, 2, 1) }, { entries: entries(3, 3, 1) })]);
    expect(recorder.taken()).toEqual(['put 1', 'put 2', 'put 3', 'fsync log', 'mark 0/0 3/1']);
  });

  it('writes the newest outline last: what it tells of is durable', () => {
    const { recorder, commit, groupOf } = setUp(1);
    const group = groupOf({ entries: entries(1, 1, 1) }, { entries: entries(2, 2, 1) });
    commit.write([group]);
    expect(recorder.taken()).toEqual([
      ...['put 1', 'put 2', 'fsync log', 'mark 0/0 2/1'],
      'outline of 96',
    ]);
  });

  it('writes groups that wait together with one fsync', () => {
    const { recorder, commit, groupOf } = setUp();
    commit.write([groupOf({ entries: entries(1, 1, 1) }), groupOf({ entries: entries(2, 2, 1) })]);
    expect(recorder.taken()).toEqual(['put 1', 'put 2', 'fsync log', 'mark 0/0 2/1']);
  });

  it('has the mark of a new term or vote on the disk before it returns', () => {
    const { recorder, commit, groupOf } = setUp();
    const vote = { ...EMPTY_HARD_STATE, term: 5, votedFor: 2 };
    commit.write([groupOf({ hardState: vote, entries: [] })]);
    expect(recorder.taken()).toEqual(['put hard state', 'fsync log', 'mark 5/2 0/0', 'fsync mark']);
    commit.write([groupOf({ hardState: { ...vote, commit: 1 }, entries: [] })]);
    expect(recorder.taken()).toEqual(['put hard state', 'fsync log', 'mark 5/2 0/0']);
    commit.write([groupOf({ hardState: { ...vote, term: 6, votedFor: 0 }, entries: [] })]);
    expect(recorder.taken().at(-1)).toBe('fsync mark');
  });

  it('lowers the mark durably before it replaces what the mark stands for', () => {
    const { recorder, commit, groupOf } = setUp();
    commit.write([groupOf({ entries: entries(1, 2, 1) }), groupOf({ entries: entries(3, 6, 2) })]);
    recorder.taken();
    commit.write([groupOf({ entries: entries(4, 4, 3) })]);
    expect(recorder.taken()).toEqual([
      'mark 0/0 3/2',
      'fsync mark',
      'delete 5',
      'delete 6',
      'put 4',
      'fsync log',
      'mark 0/0 4/3',
    ]);
  });

  it('lowers the mark once for all replacements of the groups it writes together', () => {
    const { recorder, commit, groupOf } = setUp();
    commit.write([groupOf({ entries: entries(1, 6, 1) })]);
    recorder.taken();
    commit.write([
      groupOf({ entries: entries(5, 6, 2) }, { entries: entries(2, 3, 3) }),
      groupOf({ entries: entries(3, 3, 4) }),
    ]);
    expect(recorder.taken().filter((event) => !event.startsWith('put'))).toEqual([
      'mark 0/0 1/1',
      'fsync mark',
      ...['delete 4', 'delete 5', 'delete 6'],
      'fsync log',
      'mark 0/0 3/4',
    ]);
  });

  it('leaves the mark alone when only what was never acknowledged is replaced', () => {
    const { recorder, commit, groupOf } = setUp();
    commit.write([groupOf({ entries: entries(1, 4, 1) }, { entries: entries(3, 3, 2) })]);
    expect(recorder.taken().slice(-2)).toEqual(['fsync log', 'mark 0/0 3/2']);
    expect(recorder.taken()).toEqual([]);
  });

  it('removes what a base stands in for once that is durable, and each row once', () => {
    const { recorder, commit, groupOf } = setUp();
    commit.write([groupOf({ entries: entries(1, 9, 1) })]);
    recorder.taken();
    commit.write([groupOf({ base: base(4, 1), entries: [] })]);
    expect(recorder.taken()).toEqual([
      'put base',
      'fsync log',
      'mark 0/0 9/1',
      'delete from 1 to before 5',
    ]);
    commit.write([
      groupOf({ base: base(5, 1), entries: [] }),
      groupOf({ base: base(7, 1), entries: entries(10, 10, 1) }),
    ]);
    expect(recorder.taken()).toEqual([
      'put base',
      'put base',
      'put 10',
      'fsync log',
      'mark 0/0 10/1',
      'delete from 5 to before 8',
    ]);
    commit.write([groupOf({ entries: entries(11, 11, 1) })]);
    expect(recorder.taken().at(-1)).toBe('mark 0/0 11/1');
  });

  it('lowers the mark below a base that the log contradicts, and cuts what is behind it', () => {
    const { recorder, commit, groupOf } = setUp();
    commit.write([groupOf({ entries: entries(1, 3, 1) }, { entries: entries(4, 9, 2) })]);
    recorder.taken();
    commit.write([groupOf({ base: base(6, 5), entries: entries(7, 7, 5) })]);
    expect(recorder.taken()).toEqual([
      'mark 0/0 5/2',
      'fsync mark',
      'delete 8',
      'delete 9',
      'put base',
      'put 7',
      'fsync log',
      'mark 0/0 7/5',
      'delete from 1 to before 7',
    ]);
  });

  it('leaves the mark until a base beyond the end is durable', () => {
    const { recorder, commit, groupOf } = setUp();
    commit.write([groupOf({ entries: entries(1, 3, 1) })]);
    recorder.taken();
    commit.write([groupOf({ base: base(100, 5), entries: [] })]);
    expect(recorder.taken()).toEqual([
      'put base',
      'fsync log',
      'mark 0/0 100/5',
      'delete from 1 to before 101',
    ]);
  });

  it('has the mark of a recovery on the disk after it begins and before it ends', () => {
    const { recorder, commit, groupOf } = setUp();
    const recovering = { ...EMPTY_HARD_STATE, recovery: 8 };
    commit.write([groupOf({ hardState: recovering, entries: [] })]);
    expect(recorder.taken().slice(-2)).toEqual(['mark 0/0 0/0 recovery 8', 'fsync mark']);
    commit.write([groupOf({ entries: entries(1, 1, 1) })]);
    expect(recorder.taken().at(-1)).toBe('mark 0/0 1/1 recovery 8');
    commit.write([groupOf({ hardState: EMPTY_HARD_STATE, entries: [] })]);
    expect(recorder.taken()).toEqual([
      'mark 0/0 1/1',
      'fsync mark',
      'put hard state',
      'fsync log',
      'mark 0/0 1/1',
    ]);
  });

  it('does not mark what it could not write, and does not try it again', () => {
    const { recorder, commit, groupOf } = setUp();
    recorder.failing = true;
    const group = groupOf({ hardState: { ...EMPTY_HARD_STATE, term: 1 }, entries: [] });
    expect(() => commit.write([group])).toThrow('no space');
    expect(recorder.mark).toEqual(EMPTY_MARK);
    expect(recorder.taken()).toEqual(['put hard state', 'no space']);
  });
});
