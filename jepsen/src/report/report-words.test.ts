import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../histories/history-event.js';
import { longestSilence } from './availability.js';
import { errorCounts } from './error-counts.js';
import { clientCalls } from './history-calls.js';

const refused = { code: 'REFUSED', message: 'first' };
const lost = { code: 'LOST', message: 'no answer' };

/** Two calls are answered at 5 and 9 ms, one fails, one gets lost, one does not end. */
const events: readonly HistoryEvent[] = [
  { index: 0, atMs: 1, process: 0, type: 'invoke', input: { kind: 'read' } },
  { index: 1, atMs: 1, process: 1, type: 'invoke', input: { kind: 'write' } },
  { index: 2, atMs: 5, process: 0, type: 'ok', call: 0, output: null },
  { index: 3, atMs: 6, process: 1, type: 'fail', call: 1, error: refused },
  { index: 4, atMs: 6, process: 1, type: 'invoke', input: { kind: 'write' } },
  { index: 5, atMs: 7, process: 1, type: 'info', call: 4, error: lost },
  { index: 6, atMs: 7, process: 2, type: 'invoke', input: { kind: 'write' } },
  { index: 7, atMs: 9, process: 2, type: 'fail', call: 6, error: { ...refused, message: 'again' } },
  { index: 8, atMs: 9, process: 0, type: 'invoke', input: { kind: 'read' } },
  { index: 9, atMs: 12, process: 0, type: 'ok', call: 8, output: 1 },
  { index: 10, atMs: 13, process: 0, type: 'invoke', input: { kind: 'read' } },
];

describe('what a report tells in words', () => {
  it('counts errors by code and kind of call', () => {
    expect(errorCounts(clientCalls(events))).toEqual([
      { code: 'REFUSED', kind: 'write', failed: 2, unknown: 0, firstMs: 6, message: 'first' },
      { code: 'LOST', kind: 'write', failed: 0, unknown: 1, firstMs: 7, message: 'no answer' },
    ]);
  });

  it('finds the longest time without an answer', () => {
    expect(longestSilence(clientCalls(events))).toEqual({ fromMs: 5, toMs: 12 });
    expect(longestSilence(clientCalls(events.slice(0, 2)))).toBeUndefined();
    expect(longestSilence([])).toBeUndefined();
  });
});
