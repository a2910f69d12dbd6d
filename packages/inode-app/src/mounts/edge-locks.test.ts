import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteString, byteString } from '../namespace/tree/byte-string.js';
import { isBelow } from '../namespace/tree/path.js';
import { EdgeLockError } from './edge-lock-error.js';
import { type EdgeLock, type EdgeLockRequest, EdgeLocks } from './edge-locks.js';
import { ManualClock, settled } from './manual-clock.test.support.js';

const never = new AbortController().signal;
setMaxListeners(0, never);

function wanted(
  kind: string,
  write: readonly string[],
  options: {
    readonly read?: readonly string[];
    readonly deadlineMs?: number;
    readonly signal?: AbortSignal;
  } = {},
): EdgeLockRequest {
  const { read = [], deadlineMs = Number.POSITIVE_INFINITY, signal = never } = options;
  const path = byteString(write[0] ?? read[0] ?? '/');
  return {
    what: { kind, path },
    write: write.map(byteString),
    read: read.map(byteString),
    deadlineMs,
    signal,
  };
}

function atOnce(lock: EdgeLock | Promise<EdgeLock>): EdgeLock {
  if (lock instanceof Promise) throw new Error('has to wait');
  return lock;
}

function later(lock: EdgeLock | Promise<EdgeLock>): Promise<EdgeLock> {
  if (lock instanceof Promise) return lock;
  throw new Error('did not have to wait');
}

async function refusalOf(lock: EdgeLock | Promise<EdgeLock>): Promise<EdgeLockError> {
  const error = await later(lock).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof EdgeLockError) return error;
  throw new Error('was not refused');
}

/** Who holds and who waits, by kind. */
function state(locks: EdgeLocks): string {
  const of = (wantedState: string) =>
    locks
      .list()
      .filter((one) => one.state === wantedState)
      .map((one) => one.what.kind)
      .join(' ');
  return `${of('held')} | ${of('waiting')}`;
}

describe('EdgeLocks', () => {
  it('are held at once, side by side, where nobody is in the way', () => {
    const locks = new EdgeLocks(new ManualClock());
    atOnce(locks.acquire(wanted('delete', ['/a/b'])));
    atOnce(locks.acquire(wanted('rename', ['/a/c', '/d'])));
    atOnce(locks.acquire(wanted('walk', [], { read: ['/a'] })));
    atOnce(locks.acquire(wanted('walk', [], { read: ['/a/e'] })));
    expect(state(locks)).toBe('delete rename walk walk | ');
  });

  it('keep out whoever is on, above to write, or below what is written', () => {
    const locks = new EdgeLocks(new ManualClock());
    using _held = atOnce(locks.acquire(wanted('sync', ['/a/b'])));
    for (const write of ['/a/b', '/a', '/', '/a/b/c']) {
      later(locks.acquire(wanted('delete', [write])));
    }
    later(locks.acquire(wanted('walk', [], { read: ['/a/b/c/d'] })));
    // It begins with the same characters, and is another name.
    const other = new EdgeLocks(new ManualClock());
    atOnce(other.acquire(wanted('sync', ['/a/b'])));
    atOnce(other.acquire(wanted('delete', ['/a/bc'])));
    expect(locks.waiting).toBe(5);
  });

  it('are no obstacle to their own operation, however its edges lie', () => {
    const locks = new EdgeLocks(new ManualClock());
    const lock = atOnce(
      locks.acquire(wanted('rename', ['/a/b', '/a', '/a/b'], { read: ['/a/b', '/a/b/c'] })),
    );
    later(locks.acquire(wanted('walk', [], { read: ['/a'] })));
    lock.release();
    expect(state(locks)).toBe('walk | ');
  });

  it('go to those who wait in the order in which they came, and never past one that waits', async () => {
    const locks = new EdgeLocks(new ManualClock());
    const first = atOnce(locks.acquire(wanted('walk', [], { read: ['/a'] })));
    const second = later(locks.acquire(wanted('delete', ['/a'])));
    const third = later(locks.acquire(wanted('list', [], { read: ['/a'] })));
    const fourth = later(locks.acquire(wanted('stat', [], { read: ['/a/b'] })));
    later(locks.acquire(wanted('create', ['/a/b'])));
    expect(state(locks)).toBe('walk | delete list stat create');
    first.release();
    (await second).release();
    expect(state(locks)).toBe('list stat | create');
    (await third).release();
    (await fourth).release();
    expect(state(locks)).toBe('create | ');
  });

  it('are given back once, however often they are released', async () => {
    const locks = new EdgeLocks(new ManualClock());
    const first = atOnce(locks.acquire(wanted('first', ['/a'])));
    const second = later(locks.acquire(wanted('second', ['/a'])));
    later(locks.acquire(wanted('third', ['/a'])));
    first.release();
    first.release();
    first[Symbol.dispose]();
    expect(state(locks)).toBe('second | third');
    (await second).release();
    expect(state(locks)).toBe('third | ');
  });

  it('are refused at the deadline, with who has them, since when and how many come before', async () => {
    const clock = new ManualClock();
    const locks = new EdgeLocks(clock);
    atOnce(locks.acquire(wanted('delete', ['/a/b'])));
    await clock.advance(300);
    later(locks.acquire(wanted('rename', ['/a/b', '/c'])));
    const late = refusalOf(locks.acquire(wanted('sync', ['/c'], { deadlineMs: 1_000 })));
    const later1 = refusalOf(locks.acquire(wanted('list', ['/a/b/d'], { deadlineMs: 1_500 })));
    expect(clock.timers).toBe(1);
    await clock.advance(699);
    expect(locks.waiting).toBe(3);
    await clock.advance(1);
    expect(locks.waiting).toBe(2);
    const error = await late;
    expect(error.code).toBe('LOCKED');
    // Nobody holds /c: the rename that waits for it waits for the delete.
    expect(error.inTheWay).toEqual({
      edge: '/c',
      holder: { kind: 'delete', path: '/a/b' },
      heldMs: 1_000,
      waitingBefore: 0,
    });
    expect(error.message).toBe(
      'sync of /c found its place locked until its deadline, and did nothing; try again later: ' +
        '/c is kept by the delete of /a/b, under way for 1000 ms',
    );
    await clock.advance(500);
    expect((await later1).message).toContain('1500 ms, and 1 wait before it');
    expect(clock.timers).toBe(0);
  });

  it('have one timer, for the next deadline, and none where nobody waits', async () => {
    const clock = new ManualClock();
    const locks = new EdgeLocks(clock);
    const lock = atOnce(locks.acquire(wanted('held', ['/a'], { deadlineMs: 10 })));
    expect(clock.timers).toBe(0);
    const refusals = [500, 100, 300].map((deadlineMs) =>
      refusalOf(locks.acquire(wanted('late', ['/a'], { deadlineMs }))),
    );
    const forEver = later(locks.acquire(wanted('patient', ['/a'])));
    for (const waiting of [4, 3, 3, 2, 2, 1]) {
      expect(locks.waiting).toBe(waiting);
      await clock.advance(100);
    }
    expect((await Promise.all(refusals)).map(({ code }) => code)).toEqual(
      Array.from({ length: 3 }, () => 'LOCKED'),
    );
    expect(clock.timers).toBe(0);
    later(locks.acquire(wanted('last', ['/a'], { deadlineMs: 5_000 })));
    lock.release();
    (await forEver).release();
    expect(state(locks)).toBe('last | ');
    expect(clock.timers).toBe(0);
  });

  it('can be waited for longer than a timer can', async () => {
    const clock = new ManualClock();
    const locks = new EdgeLocks(clock);
    atOnce(locks.acquire(wanted('held', ['/'])));
    const refusal = refusalOf(locks.acquire(wanted('late', ['/a'], { deadlineMs: 2 ** 32 })));
    await clock.advance(2 ** 31);
    expect(locks.waiting).toBe(1);
    await clock.advance(2 ** 31);
    expect((await refusal).code).toBe('LOCKED');
  });

  it('are refused at once whose deadline is over, but not where they are free', async () => {
    const clock = new ManualClock();
    await clock.advance(100);
    const locks = new EdgeLocks(clock);
    atOnce(locks.acquire(wanted('held', ['/a'], { deadlineMs: 50 })));
    const refusal = refusalOf(locks.acquire(wanted('late', ['/a'], { deadlineMs: 100 })));
    expect(locks.waiting).toBe(0);
    expect((await refusal).code).toBe('LOCKED');
  });

  it('are refused when the signal is aborted, which lets in who waited behind', async () => {
    const locks = new EdgeLocks(new ManualClock());
    const controller = new AbortController();
    const { signal } = controller;
    atOnce(locks.acquire(wanted('walk', [], { read: ['/a'], signal })));
    const refusal = refusalOf(locks.acquire(wanted('delete', ['/a'], { signal })));
    later(locks.acquire(wanted('list', [], { read: ['/a'] })));
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    expect(state(locks)).toBe('walk list | ');
    const error = await refusal;
    expect(error.code).toBe('ABORTED');
    expect(error.cause).toBe(reason);
    expect(error.inTheWay?.holder.kind).toBe('walk');
    const early = await refusalOf(locks.acquire(wanted('delete', ['/b'], { signal })));
    expect([early.code, early.cause]).toEqual(['ABORTED', reason]);
    expect(locks.held).toBe(2);
  });

  it('are refused at once when too many wait', async () => {
    const locks = new EdgeLocks(new ManualClock(), { maxWaiting: 2 });
    const lock = atOnce(locks.acquire(wanted('held', ['/a'])));
    const next = later(locks.acquire(wanted('first', ['/a'])));
    later(locks.acquire(wanted('second', ['/a'])));
    const error = await refusalOf(locks.acquire(wanted('third', ['/a'])));
    expect(error.code).toBe('TOO_MANY_WAITING');
    expect(error.message).toContain('too many waiting');
    expect(error.inTheWay).toMatchObject({ waitingBefore: 2, holder: { kind: 'held' } });
    atOnce(locks.acquire(wanted('elsewhere', ['/b']))).release();
    lock.release();
    await next;
    later(locks.acquire(wanted('fourth', ['/a'])));
    expect(state(locks)).toBe('first | second fourth');
  });

  it('are listed with what they are for, for how long, and whom they wait for', async () => {
    const clock = new ManualClock();
    const locks = new EdgeLocks(clock);
    const lock = atOnce(locks.acquire(wanted('rename', ['/a', '/b'], { read: ['/c'] })));
    await clock.advance(10);
    later(locks.acquire(wanted('sync', ['/a'])));
    later(locks.acquire(wanted('walk', [], { read: ['/a/d'] })));
    await clock.advance(10);
    const rename = { kind: 'rename', path: '/a' };
    const sync = { kind: 'sync', path: '/a' };
    const walk = { kind: 'walk', path: '/a/d' };
    const held = { state: 'held', waitingFor: undefined };
    expect(locks.list()).toEqual([
      { what: rename, write: ['/a', '/b'], read: ['/c'], forMs: 20, ...held },
      { what: sync, write: ['/a'], read: [], state: 'waiting', forMs: 10, waitingFor: rename },
      { what: walk, write: [], read: ['/a/d'], state: 'waiting', forMs: 10, waitingFor: rename },
    ]);
    lock.release();
    expect(locks.list()).toEqual([
      { what: sync, write: ['/a'], read: [], forMs: 0, ...held },
      { what: walk, write: [], read: ['/a/d'], state: 'waiting', forMs: 10, waitingFor: sync },
    ]);
  });

  it('remember nothing of edges that nobody uses', async () => {
    const locks = new EdgeLocks(new ManualClock());
    for (let round = 0; round < 100; round += 1) {
      const lock = atOnce(locks.acquire(wanted('delete', [`/a/${round}`, '/b'])));
      const next = later(locks.acquire(wanted('sync', ['/b'])));
      lock.release();
      (await next).release();
    }
    expect(locks.edges).toBe(0);
  });
});

/** What a lock on one path to write is in the way of. */
function conflict(one: EdgeLockRequest, other: EdgeLockRequest): boolean {
  return excludes(one, other) || excludes(other, one);
}

function excludes({ write }: EdgeLockRequest, other: EdgeLockRequest): boolean {
  const used = [...other.write, ...other.read];
  return write.some((path) => used.some((use) => use === path || isBelow(use, path)));
}

interface Modelled {
  readonly request: EdgeLockRequest;
  readonly controller: AbortController;
  lock: EdgeLock | undefined;
  refused: string | undefined;
  holds: boolean;
}

/** The same rules, as slow as they are simple: `live` are all that hold or wait, as they came. */
class Model {
  live: Modelled[] = [];

  remove(one: Modelled): void {
    this.live = this.live.filter((other) => other !== one);
    this.settle();
  }

  /** Those hold with whom no earlier one conflicts. */
  settle(): void {
    this.live.forEach((one, at) => {
      const earlier = this.live.slice(0, at);
      one.holds = !earlier.some(({ request }) => conflict(request, one.request));
    });
  }

  expire(nowMs: number): void {
    for (const one of this.live) {
      if (!one.holds && one.request.deadlineMs <= nowMs) this.remove(one);
    }
  }
}

const path: fc.Arbitrary<ByteString> = fc
  .array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 3 })
  .map((names) => byteString(`/${names.join('/')}`));
const paths = fc.array(path, { maxLength: 2 });
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('acquire' as const),
      write: paths,
      read: paths,
      waitMs: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(Number.POSITIVE_INFINITY)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('release' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 10 }) }),
  },
);

it('locks are held and waited for as a naive model says, and everything ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new ManualClock();
      const locks = new EdgeLocks(clock);
      const model = new Model();
      const all: Modelled[] = [];
      const agree = async () => {
        await settled();
        expect(model.live.filter(({ holds }) => holds).map(({ request }) => request.what)).toEqual(
          all.filter(({ lock }) => lock !== undefined).map(({ request }) => request.what),
        );
        expect(locks.held).toBe(model.live.filter(({ holds }) => holds).length);
        expect(locks.waiting).toBe(model.live.filter(({ holds }) => !holds).length);
      };
      const release = (one: Modelled) => {
        one.lock?.release();
        one.lock = undefined;
        model.remove(one);
      };

      for (const [at, does] of steps.entries()) {
        const holding = all.filter(({ lock }) => lock !== undefined);
        switch (does.do) {
          case 'acquire': {
            const controller = new AbortController();
            const request: EdgeLockRequest = {
              what: { kind: String(at), path: byteString('/') },
              write: does.write,
              read: does.read,
              deadlineMs: clock.monotonicMs() + does.waitMs,
              signal: controller.signal,
            };
            const one: Modelled = {
              request,
              controller,
              lock: undefined,
              refused: undefined,
              holds: false,
            };
            all.push(one);
            model.live.push(one);
            model.settle();
            model.expire(clock.monotonicMs());
            const answer = locks.acquire(request);
            expect(answer instanceof Promise).toBe(!one.holds);
            Promise.resolve(answer).then(
              (lock) => {
                one.lock = lock;
              },
              (error: EdgeLockError) => {
                one.refused = error.code;
              },
            );
            break;
          }
          case 'release': {
            const one = holding[does.which % Math.max(1, holding.length)];
            if (one !== undefined) release(one);
            break;
          }
          case 'abort': {
            const one = model.live[does.which % Math.max(1, model.live.length)];
            one?.controller.abort();
            if (one?.holds === false) model.remove(one);
            break;
          }
          case 'pass':
            // Step by step: who gets a lock in one millisecond is not refused in the next.
            for (let passed = 0; passed < does.ms; passed += 1) {
              await clock.advance(1);
              model.expire(clock.monotonicMs());
            }
        }
        await agree();
      }

      for (;;) {
        const one = all.find(({ lock }) => lock !== undefined);
        if (one === undefined) break;
        release(one);
        await agree();
      }
      expect(locks.held + locks.waiting + locks.edges + clock.timers).toBe(0);
      expect(model.live).toEqual([]);
      for (const { holds, refused } of all) expect(holds).toBe(refused === undefined);
    }),
    { numRuns: 300 },
  );
});
