import { describe, expect, it } from 'vitest';
import { NEMESIS } from '../../histories/history-event.js';
import { check, historyOfEvents } from '../simulated-history.test.support.js';
import { errorCodeChecker } from './error-code-checker.js';

describe('errorCodeChecker', () => {
  it('finds codes that are not documented, each once', async () => {
    const event = (index: number, code: string, process: number | string = 1) =>
      [
        { type: 'invoke', index, atMs: index, process, input: { kind: 'read' } },
        {
          type: index % 4 === 0 ? 'fail' : 'info',
          index: index + 1,
          atMs: index + 1,
          process,
          call: index,
          error: { code, message: `about ${code}` },
        },
      ] as const;
    const events = [
      event(0, 'UNAVAILABLE'),
      event(2, 'ECONNRESET'),
      event(4, 'ECONNRESET'),
      event(6, 'KILL_FAILED', NEMESIS),
    ].flat();
    const result = await check(errorCodeChecker(new Set(['UNAVAILABLE'])), historyOfEvents(events));
    expect(result).toEqual({
      checker: 'error codes',
      verdict: 'invalid',
      findings: [
        {
          lines: [
            'A call ended at 0.003 s with the error "ECONNRESET", which is not documented: about ECONNRESET',
          ],
          calls: [2],
        },
      ],
      figures: { codes: { UNAVAILABLE: 1, ECONNRESET: 2 }, violations: 1 },
    });
  });
});
