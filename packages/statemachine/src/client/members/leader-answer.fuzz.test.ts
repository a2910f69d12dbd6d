import { fuzzValues } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { parseLeaderAnswer } from './leader-answer.js';

it('leader-answers', async () => {
  const report = await fuzzValues({
    name: 'leader-answers',
    corpus: [
      [true, 5, 1, 'host:1', ['host:1', 'host:2']],
      [false, 0, 0, null],
    ],
    decode: (value) => {
      const answer = parseLeaderAnswer(value);
      expect(typeof answer.leads).toBe('boolean');
      expect(typeof answer.term).toBe('number');
      for (const member of answer.members) expect(typeof member).toBe('string');
      // What makes no sense counts as knowing nothing, and is not refused.
      return Array.isArray(value) ? answer : undefined;
    },
    isRefusal: () => false,
  });
  console.log(report.line);
});
