import { describe, expect, it } from 'vitest';
import type { MountStatus } from '../../client/mount-status.js';
import { byteString } from '../../namespace/tree/byte-string.js';
import { locationLines } from '../fs/content-commands.js';
import { locksText } from './locks-command.js';
import { mountsText } from './mounts-command.js';
import { syncText } from './sync-command.js';

const mount: MountStatus = {
  id: 2,
  path: '/data',
  uri: 'file:///srv/data',
  profile: undefined,
  readOnly: false,
  shared: false,
  syncIntervalMs: 60_000,
  options: {},
  intervals: [],
  entries: 12_345,
  condition: undefined,
};

describe('mounts', () => {
  it('are a line each', () => {
    const condition = {
      state: 'reachable',
      answeredMsAgo: 10,
      syncedMsAgo: 61_000,
      lastError: undefined,
      callsUnderWay: 1,
      callsWaiting: 0,
      underWay: [],
      skipped: [],
    };
    const other = { ...mount, path: '/a b', readOnly: true, syncIntervalMs: -1, condition };
    expect(mountsText([mount, other])).toEqual([
      '2 mounts',
      'path     storage           access      state      entries  interval  last sync      last error',
      '/data    file:///srv/data  read-write  untried     12,345  1 min     -              -',
      '/a\\x20b  file:///srv/data  read-only   reachable   12,345  never     1 min 1 s ago  -',
    ]);
    expect(mountsText([])).toEqual(['0 mounts']);
  });

  it('tell what is under way, what waits, what was skipped, and what has an interval of its own', () => {
    const busy: MountStatus = {
      ...mount,
      syncIntervalMs: 0,
      intervals: [{ path: '/data/\udcff', syncIntervalMs: -1 }],
      condition: {
        state: 'unreachable',
        answeredMsAgo: undefined,
        syncedMsAgo: undefined,
        lastError: 'no answer\nat all',
        callsUnderWay: 1,
        callsWaiting: 2_000,
        underWay: ['rename /data/a: copied 500'],
        skipped: ['x\x07 in /data: a socket'],
      },
    };
    expect(mountsText([busy]).slice(2)).toEqual([
      '/data  file:///srv/data  read-write  unreachable   12,345  each time  -          no answer\\nat all',
      'interval of /data/\\xff: never',
      '/data: 1 request under way, 2,000 waiting',
      'under way: rename /data/a: copied 500',
      'skipped: x\\a in /data: a socket',
    ]);
  });
});

describe('locks', () => {
  it('are a line each', () => {
    const held = { kind: 'rename', path: '/a', state: 'held', forMs: 1500, write: ['/a', '/b c'] };
    const waits = { kind: 'sync', path: '/a', state: 'waiting', forMs: 20, write: [] };
    const locks = [
      { ...held, waitingFor: undefined },
      { ...waits, waitingFor: 'rename /a' },
    ];
    expect(locksText(locks)).toEqual([
      '2 locks',
      'state      for  operation  path  locks       waits for',
      'held       1 s  rename     /a    /a /b\\x20c  -',
      'waiting  20 ms  sync       /a    -           rename /a',
    ]);
    expect(locksText([])).toEqual(['0 locks']);
  });
});

describe('what a sync came to', () => {
  it('is one line', () => {
    const progress = { job: 1, ended: true, directories: 1, entries: 1200, changed: 0, skipped: 0 };
    expect(syncText(byteString('/a\n'), progress, 0.04)).toBe(
      '/a\\n: 1,200 entries in 1 directory, 0 changed in 0.0 s',
    );
    expect(syncText(byteString('/a'), { ...progress, directories: 2, skipped: 3 }, 12)).toBe(
      '/a: 1,200 entries in 2 directories, 0 changed, 3 skipped in 12.0 s',
    );
  });
});

describe('where a content is', () => {
  const found = {
    kind: 'path',
    location: byteString('/srv/a\n\xff'),
    method: undefined,
    validMs: undefined,
    size: 1,
    fingerprint: byteString(''),
  };
  it('is a path alone, or a request and for how long it is good', () => {
    expect(locationLines(found)).toEqual(['/srv/a\\n\\xff']);
    expect(
      locationLines({
        ...found,
        location: byteString('http://h/x'),
        method: 'PUT',
        validMs: 3_600_000,
      }),
    ).toEqual(['PUT http://h/x', 'good for 1 h']);
  });
});
