import { describe, expect, it } from 'vitest';
import type { MemberEnd } from '../cluster/cluster.js';
import { FakeSystem } from './fake-cluster.test.support.js';
import { memberEnds } from './member-ends.js';

const END: MemberEnd = { id: 2, start: 3, code: 1, signal: null, asked: false, atMs: 0 };

describe('the ends of members', () => {
  const { members } = new FakeSystem().cluster(3);
  const judged = (...ends: readonly MemberEnd[]) => memberEnds({ members, ends });

  it('are nothing to tell where they were asked for', () => {
    const result = judged({ ...END, code: null, signal: 'SIGKILL', asked: true });
    expect(result).toMatchObject({ verdict: 'valid', figures: { endedByThemselves: 0 } });
  });

  it('are told where nobody asked for them', () => {
    const result = judged(END);
    expect(result.verdict).toBe('valid');
    expect(result.figures.ends).toEqual(['n2 ended by itself, in its start 3, with code 1']);
  });

  it('are a violation where a member crashed', () => {
    const { verdict, findings } = judged({ ...END, code: null, signal: 'SIGSEGV' });
    expect(verdict).toBe('invalid');
    expect(findings[0]?.lines).toEqual(['n2 ended by itself, in its start 3, with SIGSEGV.']);
  });
});
