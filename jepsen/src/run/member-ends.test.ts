import { describe, expect, it } from 'vitest';
import type { MemberEnd } from '../cluster/cluster.js';
import { chooseNemeses } from '../nemeses/nemesis-list.js';
import { FakeSystem } from './fake-cluster.test.support.js';
import { memberEnds } from './member-ends.js';

const END: MemberEnd = { id: 2, start: 3, code: 1, signal: null, asked: false, atMs: 0 };

describe('the ends of members', () => {
  const { members, database } = new FakeSystem().cluster(3);
  const judged = (end: Partial<MemberEnd>, ...nemeses: readonly string[]) =>
    memberEnds({ members, ends: [{ ...END, ...end }] }, chooseNemeses(nemeses, database));

  it('are nothing to tell where they were asked for', () => {
    const result = judged({ code: null, signal: 'SIGKILL', asked: true }, 'kill');
    expect(result).toMatchObject({ verdict: 'valid', figures: { endedByThemselves: 0 } });
  });

  it('are a violation where no fault accounts for them: an invariant may be broken', () => {
    for (const nemeses of [[], ['partition', 'kill', 'pause', 'power-loss', 'clock', 'network']]) {
      const { verdict, findings } = judged({}, ...nemeses);
      expect(verdict).toBe('invalid');
      expect(findings[0]?.lines).toEqual(['n2 ended by itself, in its start 3, with code 1.']);
    }
  });

  it('are told where a member may rightly end', () => {
    for (const nemesis of ['disk', 'damage', 'exhaustion', 'failing-fsync', 'memory-pressure']) {
      const result = judged({}, 'partition', nemesis);
      expect(result.verdict).toBe('valid');
      expect(result.figures.ends).toEqual(['n2 ended by itself, in its start 3, with code 1']);
    }
  });

  it('are told where a member had to be killed, as it did not end when it was asked to', () => {
    const end = { code: null, signal: 'SIGKILL', asked: true, isOverdue: true };
    expect(judged(end, 'terminate')).toMatchObject({
      verdict: 'valid',
      figures: {
        endedByThemselves: 0,
        overdue: 1,
        ends: ['n2 did not end by SIGTERM in time, in its start 3, with SIGKILL'],
      },
    });
  });

  it('are a violation where a member crashed, whatever fault there was', () => {
    const { verdict, findings } = judged({ code: null, signal: 'SIGSEGV' }, 'disk');
    expect(verdict).toBe('invalid');
    expect(findings[0]?.lines).toEqual(['n2 ended by itself, in its start 3, with SIGSEGV.']);
  });

  it('are a violation where a member crashed on its way out', () => {
    const { verdict, findings } = judged(
      { code: null, signal: 'SIGABRT', asked: true },
      'terminate',
    );
    expect(verdict).toBe('invalid');
    expect(findings[0]?.lines).toEqual([
      'n2 crashed when it was asked to end, in its start 3, with SIGABRT.',
    ]);
  });
});
