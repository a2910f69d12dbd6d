import type { ClusterMembership } from '@raft-ts/statemachine';
import type { Endpoints } from 'raft-ts';
import { describe, expect, it } from 'vitest';
import { membersText, refuseTaken } from './members-command.js';

describe('members', () => {
  it('are a line each, with what the leader knows of them', () => {
    const known = { active: true, recovering: false, match: 9, lag: 0 };
    const endpoints = { member: '10.0.0.1:6201', client: '10.0.0.1:6101' };
    const text = membersText({
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
      ],
    });
    expect(text).toEqual([
      'cluster orders, member 1 leads, as of entry 7',
      'member  role        priority  heard  lag  members        clients        http',
      '     1  voter              3  yes      0  10.0.0.1:6201  10.0.0.1:6101  -',
      '    12  learner            0  no      40  -              -              -',
      '    13  recovering         3  yes      0  -              -              -',
      'a change is under way',
    ]);
  });

  it('are not moved to an address of another one', () => {
    const known = { role: 'voter', active: true, recovering: false, match: 9, lag: 0 } as const;
    const at = (host: string) => ({
      member: `${host}:6201`,
      client: `${host}:6101`,
      http: `${host}:6301`,
    });
    const membership: ClusterMembership = {
      clusterId: 'orders',
      index: 7,
      leader: 1,
      joint: false,
      members: [
        { ...known, id: 1, endpoints: at('10.0.0.1') },
        { ...known, id: 2, endpoints: at('10.0.0.2') },
        { ...known, id: 3, endpoints: undefined },
      ],
    };
    const moved = (endpoints: Endpoints) => () => refuseTaken(membership, 1, endpoints);
    for (const taken of ['10.0.0.2:6201', '10.0.0.2:6101', '10.0.0.2:6301']) {
      expect(moved({ ...at('10.0.0.1'), member: taken })).toThrow(
        `${taken} is an address of member 2: give one at which member 1 is reached`,
      );
    }
    expect(moved({ ...at('10.0.0.1'), http: '10.0.0.2:6201' })).toThrow('of member 2');
    expect(moved(at('10.0.0.1'))).not.toThrow();
    expect(moved(at('10.0.0.4'))).not.toThrow();
  });
});
