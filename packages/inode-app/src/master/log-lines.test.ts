import { describe, expect, it } from 'vitest';
import { boundedLines, RoleChanges, timedLines } from './log-lines.js';

describe('log lines', () => {
  it('carry the time and the member', () => {
    const lines: string[] = [];
    timedLines((line) => lines.push(line), 'member 2')('follows member 1 (term 3)');
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z member 2: follows member 1 \(term 3\)$/);
  });

  it('tell role and leader once', () => {
    const changes = new RoleChanges();
    const said = [
      { role: 'follower', term: 0, leader: 0, recovering: false },
      { role: 'pre-candidate', term: 0, leader: 0, recovering: false },
      { role: 'leader', term: 1, leader: 1, recovering: false },
      { role: 'leader', term: 1, leader: 1, recovering: false },
      { role: 'follower', term: 2, leader: 0, recovering: false },
      { role: 'follower', term: 2, leader: 3, recovering: false },
      { role: 'follower', term: 2, leader: 3, recovering: true },
      { role: 'follower', term: 2, leader: 3, recovering: false },
    ] as const;
    expect(said.map((status) => changes.describe(status))).toEqual([
      'has no leader (term 0)',
      undefined,
      'leads from now on (term 1)',
      undefined,
      'no longer leads (term 2)',
      'follows member 3 (term 2)',
      'joins: counts once the others have brought it up to date',
      'is up to date, and counts',
    ]);
  });

  it('tell when there is no leader any more, whatever the member does about it', () => {
    const changes = new RoleChanges();
    const said = [
      { role: 'follower', term: 2, leader: 3, recovering: false },
      { role: 'pre-candidate', term: 2, leader: 0, recovering: false },
      { role: 'candidate', term: 3, leader: 0, recovering: false },
      { role: 'follower', term: 3, leader: 0, recovering: false },
      { role: 'leader', term: 4, leader: 1, recovering: false },
      { role: 'follower', term: 5, leader: 2, recovering: false },
    ] as const;
    expect(said.map((status) => changes.describe(status))).toEqual([
      'follows member 3 (term 2)',
      'has no leader (term 2)',
      undefined,
      undefined,
      'leads from now on (term 4)',
      'no longer leads (term 5): member 2 does',
    ]);
  });
});

describe('boundedLines', () => {
  it('says a number of lines in a period, and later how many it left out', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const log = boundedLines(
      (line) => lines.push(line),
      () => nowMs,
    );
    for (let at = 0; at < 1000; at++) log(`line ${at}`);
    expect(lines).toHaveLength(20);
    nowMs = 10_000;
    log('later');
    expect(lines.slice(20)).toEqual(['left out 980 lines about connections', 'later']);
    nowMs = 20_000;
    log('much later');
    expect(lines.slice(22)).toEqual(['much later']);
  });
});
