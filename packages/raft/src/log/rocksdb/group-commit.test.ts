import { describe, expect, it } from 'vitest';
import { EntryType } from '../../core/entry.js';
import type { LogWrite } from '../log-store.js';
import { LogTail } from '../log-tail.js';
import { GroupReader, GroupWriter } from './group.js';
import { GroupCommit } from './group-commit.js';
import { takeInteger } from './layout.js';
import { EMPTY_MARK, type Mark } from './mark.js';

/** Writes down what happens to the log and the mark, in order. */
class Recorder {
  readonly events: string[] = [];
  mark: Mark = EMPTY_MARK;
  failing = false;

  readonly batch = {
    put: (key: Uint8Array) => this.events.push(`put ${keyOf(key)}`),
    delete: (key: Uint8Array) => this.events.push(`delete ${keyOf(key)}`),
    write: ({ sync }: { readonly sync: boolean }) => {
      if (this.failing) throw new Error('no space');
      this.events.push(sync ? 'fsync log' : 'write log');
    },
    clear: () => {},
  };

  write(mark: Mark): void {
    this.mark = mark;
    const { term, votedFor, lastIndex, lastTerm } = mark;
    this.events.push(`mark ${term}/${votedFor} ${lastIndex}/${lastTerm}`);
  }

  sync(): void {
    this.events.push('fsync mark');
  }

  taken(): string[] {
    return this.events.splice(0);
  }
}

function keyOf(key: Uint8Array): string {
  return key[0] === 0xff ? 'hard state' : String(takeInteger(Buffer.from(key), 0));
}

function entries(first: number, last: number, term: number): LogWrite['entries'] {
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    index: first + i,
    term,
    type: EntryType.Command,
    data: new Uint8Array(3),
  }));
}

function setUp() {
  const recorder = new Recorder();
  const commit = new GroupCommit(recorder.batch, recorder);
  const tail = new LogTail({
    hardState: { term: 0, votedFor: 0, commit: 0 },
    firstIndex: 1,
    lastIndex: 0,
    termRuns: [],
  });
  const groupOf = (...writes: LogWrite[]) => {
    const group = new GroupWriter(4096);
    for (const write of writes) group.add(write, tail.accept(write));
    const { lastIndex, lastTerm, hardState } = tail;
    group.seal({ lastIndex, lastTerm, term: hardState.term, votedFor: hardState.votedFor });
    return new GroupReader(group.memory);
  };
  return { recorder, commit, groupOf };
}

describe('GroupCommit', () => {
  it('marks entries after they are in the log, and does not wait for the mark', () => {
    const { recorder, commit, groupOf } = setUp();
    commit.write([groupOf({ entries: entries(1, 2, 1) }, { entries: entries(3, 3, 1) })]);
    expect(recorder.taken()).toEqual(['put 1', 'put 2', 'put 3', 'fsync log', 'mark 0/0 3/1']);
  });

  it('writes groups that wait together with one fsync', () => {
    const { recorder, commit, groupOf } = setUp();
    commit.write([groupOf({ entries: entries(1, 1, 1) }), groupOf({ entries: entries(2, 2, 1) })]);
    expect(recorder.taken()).toEqual(['put 1', 'put 2', 'fsync log', 'mark 0/0 2/1']);
  });

  it('has the mark of a new term or vote on the disk before it returns', () => {
    const { recorder, commit, groupOf } = setUp();
    const vote = { term: 5, votedFor: 2, commit: 0 };
    commit.write([groupOf({ hardState: vote, entries: [] })]);
    expect(recorder.taken()).toEqual(['put hard state', 'fsync log', 'mark 5/2 0/0', 'fsync mark']);
    commit.write([groupOf({ hardState: { ...vote, commit: 1 }, entries: [] })]);
    expect(recorder.taken()).toEqual(['put hard state', 'fsync log', 'mark 5/2 0/0']);
    commit.write([groupOf({ hardState: { term: 6, votedFor: 0, commit: 1 }, entries: [] })]);
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

  it('does not mark what it could not write', () => {
    const { recorder, commit, groupOf } = setUp();
    recorder.failing = true;
    const group = groupOf({ hardState: { term: 1, votedFor: 1, commit: 0 }, entries: [] });
    expect(() => commit.write([group])).toThrow('no space');
    expect(recorder.mark).toEqual(EMPTY_MARK);
  });
});
