import { describe, expect, it } from 'vitest';
import { sessionsText } from './sessions-command.js';

describe('sessions', () => {
  it('are a line each', () => {
    const session = { id: 2048, host: '10.0.0.7', idleMs: 61_400, savedResults: 2, savedBytes: 90 };
    expect(sessionsText([session])).toEqual([
      '1 session',
      'session  host      idle  results  bytes',
      '   2048  10.0.0.7  61 s        2     90',
    ]);
    expect(sessionsText([])).toEqual(['0 sessions']);
  });
});
