import { describe, expect, it } from 'vitest';
import { HistoryRecorder } from './history-recorder.js';

describe('HistoryRecorder', () => {
  it('numbers calls and returns as they come', () => {
    const recorder = new HistoryRecorder<string, number>();
    const [first, second, third, fourth] = ['a', 'b', 'c', 'd'].map((input, process) =>
      recorder.invoked(process, input),
    );
    recorder.done(second ?? 0, 7);
    recorder.failed(third ?? 0);
    recorder.unknown(first ?? 0);
    expect(fourth).toBe(3);
    expect(recorder.operations()).toEqual([
      { process: 1, input: 'b', invokedAt: 1, outcome: 'done', output: 7, returnedAt: 4 },
      { process: 2, input: 'c', invokedAt: 2, outcome: 'failed' },
      { process: 0, input: 'a', invokedAt: 0, outcome: 'unknown' },
      { process: 3, input: 'd', invokedAt: 3, outcome: 'unknown' },
    ]);
  });

  it('has calls that have not ended for unknown, and goes on', () => {
    const recorder = new HistoryRecorder<string, number>();
    const call = recorder.invoked('x', 'a');
    expect(recorder.operations()).toMatchObject([{ outcome: 'unknown' }]);
    recorder.done(call, 1);
    expect(recorder.operations()).toMatchObject([{ outcome: 'done', output: 1 }]);
  });

  it('refuses to end a call twice, or one that never was', () => {
    const recorder = new HistoryRecorder<string, number>();
    const call = recorder.invoked(1, 'a');
    recorder.failed(call);
    const invalid = expect.objectContaining({ name: 'JepsenError', code: 'HISTORY_INVALID' });
    expect(() => recorder.done(call, 1)).toThrow(invalid);
    expect(() => recorder.unknown(99)).toThrow(invalid);
  });
});
