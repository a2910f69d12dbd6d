import { describe, expect, it } from 'vitest';
import { HistoryLines } from './history-lines.js';

const HEADER = {
  ...{ format: 1, workload: 'register', suite: 'inode-app', nemeses: ['kill'], seed: 7 },
  ...{ startedAt: '2026-01-02T03:04:05.000Z', options: { nodes: 5 } },
};
const INVOKE = { index: 0, atMs: 1.5, process: 'c1', type: 'invoke', input: { kind: 'read' } };
const OK = { index: 1, atMs: 2, process: 'c1', type: 'ok', call: 0, output: null };

function read(...lines: readonly unknown[]) {
  const reader = new HistoryLines();
  for (const line of lines) reader.add(typeof line === 'string' ? line : JSON.stringify(line));
  return reader.history();
}

describe('HistoryLines', () => {
  it('reads all kinds of events', () => {
    const events = [
      { ...INVOKE, member: 2, session: 's1' },
      { ...INVOKE, index: 1, process: 7, input: { kind: 'write', value: [1, { a: null }] } },
      { ...OK, index: 2, member: 1, output: { value: 3 } },
      { ...INVOKE, index: 3, atMs: 2 },
      {
        ...{ index: 4, atMs: 3, process: 7, type: 'fail', call: 1 },
        error: { code: 'NOT_LEADER', message: 'ask n2' },
      },
      {
        ...{ index: 5, atMs: 3, process: 'c1', type: 'info', call: 3 },
        error: { code: 'TIMEOUT', message: 'no answer' },
      },
    ];
    expect(read(HEADER, ...events)).toEqual({ header: HEADER, events });
  });

  it.each([
    ['nothing at all', [], 'there is no line'],
    ['no header', [INVOKE], 'line 1: a history begins with {"format":1,...}'],
    [
      'a later format',
      [{ ...HEADER, format: 2 }],
      'line 1: a history begins with {"format":1,...}',
    ],
    ['a header without a seed', [{ ...HEADER, seed: undefined }], 'line 1: a header has workload'],
    ['text', [HEADER, INVOKE, 'ok'], 'line 3: it is no JSON: ok'],
    ['an array', [HEADER, [INVOKE]], 'line 2: it is no JSON object'],
    ['a gap', [HEADER, INVOKE, { ...OK, index: 2 }], 'line 3: its index is 2, and this is event 1'],
    [
      'a clock that ran back',
      [HEADER, INVOKE, { ...OK, atMs: 1 }],
      'line 3: its time of 1 ms is before',
    ],
    ['no time', [HEADER, { ...INVOKE, atMs: null }], 'line 2: an event has a time'],
    ['no process', [HEADER, { ...INVOKE, process: null }], 'line 2: an event has a process'],
    ['no kind of call', [HEADER, { ...INVOKE, input: {} }], 'line 2: what is called is an input'],
    ['another type', [HEADER, { ...INVOKE, type: 'begin' }], 'line 2: the type of an event'],
    [
      'a member by name',
      [HEADER, { ...INVOKE, member: 'n1' }],
      'line 2: a member is named by its id',
    ],
    ['a session by number', [HEADER, { ...INVOKE, session: 3 }], 'line 2: a session is a text'],
    ['no output', [HEADER, INVOKE, { ...OK, output: undefined }], 'line 3: an answered call has'],
    ['no call', [HEADER, INVOKE, { ...OK, call: undefined }], 'line 3: an event that ends a call'],
    ['no error', [HEADER, INVOKE, { ...OK, type: 'info' }], 'line 3: a call without an answer has'],
    ['a call never made', [HEADER, { ...OK, index: 0 }], 'line 2: it ends call 0, which was never'],
    [
      'a call that ended',
      [HEADER, INVOKE, OK, { ...OK, index: 2 }],
      'line 4: it ends call 0, which',
    ],
    [
      "another's call",
      [HEADER, INVOKE, { ...OK, process: 'c2' }],
      'line 3: process c2 ends call 0',
    ],
  ])('refuses %s', (_what, lines, message) => {
    const invalid = { code: 'LOG_INVALID', message: expect.stringContaining(message) };
    expect(() => read(...lines)).toThrow(expect.objectContaining(invalid));
  });
});
