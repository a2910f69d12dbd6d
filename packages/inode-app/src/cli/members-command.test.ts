import { describe, expect, it } from 'vitest';
import { membersText, shownMembership } from './members-command.js';

describe('members', () => {
  it('are a line each, with what the leader knows of them', () => {
    const known = { active: true, recovering: false, match: 9, lag: 0 };
    const endpoints = { member: '10.0.0.1:6201', client: '10.0.0.1:6101' };
    const membership = shownMembership({
      clusterId: 'orders',
      index: 7,
      leader: 1,
      joint: true,
      members: [
        { ...known, id: 1, role: 'voter', endpoints },
        {
          ...known,
          id: 12,
          role: 'learner',
          endpoints: undefined,
          priority: 0,
          active: false,
          lag: 40,
        },
        { ...known, id: 13, role: 'joining', endpoints: undefined, recovering: true },
        { ...known, id: 14, role: 'voter', endpoints: undefined, active: false, match: 0, lag: 9 },
      ],
    });
    expect(membership.members.map(({ match, lag }) => [match, lag])).toEqual([
      [9, 0],
      [9, 40],
      [9, 0],
      [null, null],
    ]);
    expect(membersText(membership)).toEqual([
      'cluster orders, member 1 leads, as of entry 7',
      'member  role        priority  heard    lag  members        clients        http',
      '     1  voter              3  yes        0  10.0.0.1:6201  10.0.0.1:6101  -',
      '    12  learner            0  no        40  -              -              -',
      '    13  recovering         3  yes        0  -              -              -',
      '    14  voter              3  not yet    -  -              -              -',
      'a change is under way',
    ]);
  });
});
