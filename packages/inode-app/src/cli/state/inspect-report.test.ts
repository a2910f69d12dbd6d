import { EMPTY_MEMBERSHIP } from 'raft-ts/core';
import { describe, expect, it } from 'vitest';
import { directoryText } from './inspect-report.js';

describe("what a member's directory holds", () => {
  it('tells the tree from what its store takes', () => {
    const hardState = { term: 1, votedFor: 1, commit: 2, recovery: 0 };
    const text = directoryText({
      kind: 'member',
      path: '/data/member-1',
      clusterId: 'orders',
      memberId: 1,
      format: 1,
      log: { firstIndex: 1, lastIndex: 2, baseTerm: 0, bytes: 90, ...hardState },
      membership: EMPTY_MEMBERSHIP,
      tree: { appliedIndex: 2, directories: 1, files: 0, symbolicLinks: 0, storeBytes: 68_211 },
      verified: null,
    });
    expect(text).toContain(
      'tree: as of entry 2, 1 directory, 0 files, 0 symbolic links; its store takes 68,211 bytes on the disk',
    );
  });
});
