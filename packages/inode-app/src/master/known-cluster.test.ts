import { EMPTY_CONFIGURATION, EMPTY_MEMBERSHIP } from 'raft-ts/core';
import { describe, expect, it } from 'vitest';
import { knownCluster } from './known-cluster.js';

const at = (id: number, host: string) => ({
  id,
  memberAddress: `${host}:1`,
  clientAddress: `${host}:2`,
});
const log = {
  ...EMPTY_MEMBERSHIP,
  configuration: { ...EMPTY_CONFIGURATION, voters: [1, 2], learners: [3] },
  endpoints: { 1: { member: 'a:1', client: 'a:2' }, 2: { member: 'b:1', client: 'b:2' } },
};

describe('what a member knows of its cluster', () => {
  it('is what it is given, as long as the log says nothing', () => {
    const members = [at(1, 'a'), at(2, 'b')];
    expect(knownCluster({ id: 1, members }, EMPTY_MEMBERSHIP)).toEqual({
      own: members[0],
      members,
    });
  });

  it('is what the log says of others, and what it is given of itself', () => {
    const advertise = { memberAddress: 'new:1', clientAddress: 'new:2' };
    const members = [at(2, 'old'), at(3, 'c'), at(9, 'gone')];
    expect(knownCluster({ id: 1, members, advertise }, log)).toEqual({
      own: at(1, 'new'),
      members: [at(1, 'new'), at(2, 'b'), at(3, 'c')],
    });
    expect(knownCluster({ id: 2, members }, log).own).toEqual(at(2, 'old'));
  });

  it('needs nothing but the log', () => {
    expect(knownCluster({ id: 2, members: [] }, log)).toEqual({
      own: at(2, 'b'),
      members: [at(1, 'a'), at(2, 'b')],
    });
  });

  it('is of no use where nobody says how it is reached itself', () => {
    const unknown = () => knownCluster({ id: 4, members: [at(1, 'a')] }, log);
    expect(unknown).toThrow('nothing says where member 4 is reached');
  });
});
