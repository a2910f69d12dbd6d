import { setMaxListeners } from 'node:events';
import { type OptionsTaker, tryWrongOptions } from '@raft-ts/fuzz';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InodeAppError } from '../errors.js';
import type { Storage } from '../storages/storage.js';
import { StorageError } from '../storages/storage-error.js';
import { ManualClock, settled } from './manual-clock.test.support.js';
import { ScriptedStorage, type Step } from './scripted-storage.test.support.js';
import { StorageAccess } from './storage-access.js';
import {
  completeStorageAccessOptions,
  type StorageAccessOptions,
} from './storage-access-options.js';
import type { CallLimits } from './storage-call.js';

const never = new AbortController().signal;
setMaxListeners(0, never);

let clock: ManualClock;
let storage: ScriptedStorage;
let opened: number;
let access: StorageAccess;

/** Pauses are as long as they can be: what is drawn is nearly 1. */
function connect(
  options: StorageAccessOptions = {},
  open: () => Promise<Storage> = () => Promise.resolve(storage),
): void {
  access = new StorageAccess(
    {
      uri: 's3://bucket/place',
      open: () => {
        opened += 1;
        return open();
      },
      clock,
      random: () => 1 - 2 ** -53,
    },
    options,
  );
}

beforeEach(() => {
  clock = new ManualClock();
  storage = new ScriptedStorage();
  opened = 0;
  connect();
});

afterEach(async () => {
  await access.close();
  expect(access.status).toMatchObject({ underWay: 0, waiting: 0 });
  expect(clock.timers).toBe(0);
});

/** Within so many milliseconds from now. */
function within(ms: number, signal = never): CallLimits {
  return { deadlineMs: clock.monotonicMs() + ms, signal };
}

const patient: CallLimits = { signal: never };

/** How it ends, and when. */
function outcome(promise: Promise<unknown>): Promise<string> {
  const at = () => `at ${Math.round(clock.monotonicMs())}`;
  return promise.then(
    () => `done ${at()}`,
    (error: unknown) =>
      error instanceof StorageError ? `${error.code} ${at()}` : `${error} ${at()}`,
  );
}

const read = (limits: CallLimits) =>
  outcome(access.read((one, signal) => one.stat('a', signal), limits));
const change = (limits: CallLimits) =>
  outcome(access.change((one, signal) => one.makeDirectory('a', signal), limits));

async function listed(limits: CallLimits, pages: number): Promise<string> {
  let count = 0;
  const consume = async () => {
    for await (const page of access.list('a', limits)) {
      count += page.entries.length;
      if (count === pages) break;
    }
  };
  return `${await outcome(consume())}, ${count}`;
}

describe('opening', () => {
  it('is done once, when the storage is first used, for all who use it', async () => {
    expect(opened).toBe(0);
    await Promise.all([read(patient), read(patient), change(patient)]);
    expect((await access.opened(patient)).abilities.renames.files).toBe(true);
    expect(opened).toBe(1);
  });

  it('is tried again by the next after it failed', async () => {
    const failures = [new StorageError('INVALID', 'no such profile')];
    connect({}, async () => {
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
      return storage;
    });
    expect(await read(patient)).toBe('INVALID at 0');
    expect(access.status).toMatchObject({
      state: 'untried',
      lastError: { message: 'no such profile' },
    });
    expect(await read(patient)).toBe('done at 0');
    expect(opened).toBe(2);
  });

  it('is given up when it hangs, and what is opened after all is closed', async () => {
    const late = new ScriptedStorage();
    let openLate = (_: Storage) => {};
    const openings = [
      new Promise<Storage>((resolve) => {
        openLate = resolve;
      }),
    ];
    connect({ requestTimeoutMs: 2_000 }, () => openings.pop() ?? Promise.resolve(storage));
    const first = change(within(10_000));
    await clock.advance(1_999);
    expect(opened).toBe(1);
    await clock.advance(1_000);
    // Nothing had been asked: so the change is tried again.
    expect(await first).toBe('done at 2100');
    expect([opened, storage.asked, access.status.hung]).toEqual([2, 1, 1]);
    openLate(late);
    await settled();
    expect([late.closed, access.status.hung]).toEqual([1, 0]);
  });

  it('once done is waited for by nobody, however many wait for an answer', async () => {
    connect({ maxConcurrent: 1, maxWaiting: 1 });
    storage.steps.push('hang');
    const calls = [read(within(5_000)), read(within(5_000))];
    await settled();
    expect(await outcome(access.opened(within(5_000)))).toBe('done at 0');
    expect(access.status).toMatchObject({ underWay: 1, waiting: 1 });
    await clock.advance(5_000);
    await Promise.all(calls);
  });

  it('once done is told only while the storage may be asked', async () => {
    connect({ maxSilences: 1 });
    storage.otherwise = 'UNREACHABLE';
    await read(within(50));
    expect(access.status.state).toBe('unreachable');
    expect(await outcome(access.opened(within(50)))).toBe('UNREACHABLE at 0');
    await access.close();
    expect(await outcome(access.opened(patient))).toBe('UNREACHABLE at 0');
  });

  it('without anything asked says nothing about the storage', async () => {
    await access.opened(patient);
    expect(access.status).toMatchObject({ state: 'untried', answeredMsAgo: undefined });
  });
});

describe('calls', () => {
  it('are under way at once up to a number, and the others in the order in which they came', async () => {
    connect({ maxConcurrent: 2, maxWaiting: 3 });
    storage.otherwise = 'deaf';
    const order: number[] = [];
    const calls = Array.from({ length: 5 }, async (_, at) => {
      await read(patient);
      order.push(at);
    });
    await settled();
    expect(access.status).toMatchObject({ underWay: 2, waiting: 3, hung: 0 });
    expect(await outcome(access.read((one, signal) => one.stat('a', signal), patient))).toBe(
      'BUSY at 0',
    );
    while (order.length < 5) {
      storage.wake.shift()?.();
      await settled();
    }
    await Promise.all(calls);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect([storage.asked, storage.mostUnderWay]).toEqual([5, 2]);
  });

  it('are refused with what is under way where too many wait', async () => {
    connect({ maxConcurrent: 1, maxWaiting: 1, maxAttempts: 1 });
    storage.otherwise = 'hang';
    const others = [read(within(5_000)), read(within(5_000))];
    await settled();
    await expect(access.read((one, signal) => one.stat('a', signal), patient)).rejects.toThrow(
      's3://bucket/place: 1 calls are under way and 1 wait; try again later',
    );
    await clock.advance(5_000);
    await Promise.all(others);
  });

  it('are answered in time also where the storage heeds no signal, and counted until they end', async () => {
    connect({ maxConcurrent: 1, requestTimeoutMs: 2_000, maxAttempts: 1 });
    storage.steps.push('deaf');
    const first = read(patient);
    const second = read(patient);
    await clock.advance(1_999);
    expect(access.status).toMatchObject({ underWay: 1, waiting: 1, hung: 0 });
    await clock.advance(1);
    expect(await first).toBe('UNREACHABLE at 2000');
    // Its place is free.
    expect(await second).toBe('done at 2000');
    expect(access.status).toMatchObject({ underWay: 0, hung: 1 });
    storage.wake.shift()?.();
    await settled();
    expect(access.status.hung).toBe(0);
  });

  it('are not begun while too many of those given up have not ended', async () => {
    connect({ maxHung: 2, requestTimeoutMs: 100, maxAttempts: 1, maxSilences: 100 });
    storage.steps.push('deaf', 'deaf');
    const first = [read(patient), read(patient)];
    await clock.advance(100);
    await Promise.all(first);
    expect(await read(patient)).toBe('UNREACHABLE at 100');
    expect(storage.asked).toBe(2);
    storage.wake.shift()?.();
    await settled();
    expect(await read(patient)).toBe('done at 100');
  });

  it('end with the signal of their caller, wherever they are', async () => {
    connect({ maxConcurrent: 1 });
    storage.steps.push('BUSY', 'hang');
    const aborted = (signal: AbortSignal) => read({ signal });
    const controllers = [1, 2, 3, 4].map(() => new AbortController());
    const reason = new Error('gone');
    const [pausing, asking, queued, before] = controllers.map(({ signal }) => signal);
    if (!pausing || !asking || !queued || !before) throw new Error('four signals');
    controllers[3]?.abort(reason);
    const outcomes = [aborted(pausing)];
    await settled();
    outcomes.push(aborted(asking), aborted(queued), aborted(before));
    await settled();
    expect(access.status).toMatchObject({ underWay: 1, waiting: 2 });
    for (const controller of controllers) controller.abort(reason);
    expect(await Promise.all(outcomes)).toEqual(outcomes.map(() => 'Error: gone at 0'));
    expect(access.status).toMatchObject({ underWay: 0, waiting: 0, hung: 0, state: 'reachable' });
  });

  it('that wait for their turn until the deadline are told whether anybody was answered', async () => {
    connect({ maxConcurrent: 1 });
    storage.steps.push('hang');
    const hanging = read(within(3_000));
    const behind = read(within(2_000));
    await clock.advance(2_000);
    expect(await behind).toBe('UNREACHABLE at 2000');
    await clock.advance(1_000);
    expect(await hanging).toBe('UNREACHABLE at 3000');
    storage.steps.push('deaf', 'deaf');
    const calls = [read(within(9_000)), read(within(9_000)), read(within(2_000))];
    await clock.advance(1_000);
    storage.wake.shift()?.();
    await clock.advance(1_000);
    expect(await calls[2]).toBe('BUSY at 5000');
    storage.wake.shift()?.();
    await Promise.all(calls);
  });

  it('whose deadline is over ask nobody', async () => {
    expect(await read(within(0))).toBe('UNREACHABLE at 0');
    expect(storage.asked).toBe(0);
  });
});

describe('attempts', () => {
  const script = async (steps: readonly Step[], call: Promise<string>) => {
    storage.steps.push(...steps);
    await clock.advance(60_000);
    return `${await call}, ${storage.asked} asked`;
  };

  it('of a read are repeated where a repetition may help', async () => {
    expect(await script(['BUSY', 'FAILED', 'UNREACHABLE'], read(within(10_000)))).toBe(
      'done at 700, 4 asked',
    );
  });

  it('are not repeated after an answer', async () => {
    expect(await script(['NOT_FOUND'], read(within(10_000)))).toBe('NOT_FOUND at 0, 1 asked');
    expect(await script(['FORBIDDEN'], change(within(10_000)))).toBe('FORBIDDEN at 60000, 2 asked');
  });

  it('of a change are repeated only where nothing was done', async () => {
    expect(await script(['BUSY', 'BUSY', 'FAILED'], change(within(10_000)))).toBe(
      'FAILED at 300, 3 asked',
    );
    expect(await script(['BUSY', 'UNREACHABLE'], change(within(10_000)))).toBe(
      'UNREACHABLE at 60100, 5 asked',
    );
  });

  it('end where the next one would come after the deadline', async () => {
    storage.otherwise = 'BUSY';
    expect(await script([], read(within(1_500)))).toBe('BUSY at 700, 4 asked');
    expect(await script([], read(within(1_501)))).toBe('BUSY at 61500, 9 asked');
  });

  it('are limited in number without a deadline', async () => {
    storage.otherwise = 'FAILED';
    expect(await script([], read(patient))).toBe('FAILED at 1500, 5 asked');
  });

  it('pass errors on that are none of the storage', async () => {
    const fault = access.read(() => Promise.reject(new TypeError('a fault')), within(1_000));
    expect(await outcome(fault)).toBe('TypeError: a fault at 0');
    expect(access.status.lastError).toBeUndefined();
  });
});

describe('listings', () => {
  it('hold one place until they end, in whatever way', async () => {
    connect({ maxConcurrent: 1 });
    const pages = access.list('a', within(5_000));
    await pages.next();
    const behind = read(patient);
    await settled();
    expect(access.status).toMatchObject({ underWay: 1, waiting: 1 });
    await pages.return();
    expect(await behind).toBe('done at 0');
    expect(await listed(patient, 3)).toBe('done at 0, 3');
    storage.steps.push('answer', 'FORBIDDEN');
    expect(await listed(patient, 3)).toBe('FORBIDDEN at 0, 1');
    expect(access.status).toMatchObject({ underWay: 0, hung: 0 });
  });

  it('may take long, and each page only so long', async () => {
    connect({ requestTimeoutMs: 2_000 });
    storage.otherwise = 'deaf';
    const listing = listed(patient, 10);
    for (let page = 0; page < 3; page += 1) {
      await clock.advance(1_500);
      storage.wake.shift()?.();
    }
    await clock.advance(2_000);
    expect(await listing).toBe('UNREACHABLE at 6500, 3');
    expect(access.status).toMatchObject({ underWay: 0, hung: 1 });
  });

  it('are not begun anew', async () => {
    storage.steps.push('BUSY');
    expect(await listed(patient, 1)).toBe('BUSY at 0, 0');
    expect(storage.asked).toBe(1);
  });

  it('end at their deadline, and with their signal', async () => {
    storage.steps.push('answer', 'hang');
    const late = listed(within(1_500), 5);
    await clock.advance(1_500);
    expect(await late).toBe('UNREACHABLE at 1500, 1');
    await settled();
    expect(storage.underWay).toBe(0);
    const controller = new AbortController();
    storage.steps.push('answer', 'hang');
    const aborted = listed({ signal: controller.signal }, 5);
    await settled();
    controller.abort(new Error('gone'));
    expect(await aborted).toBe('Error: gone at 1500, 1');
    await settled();
    expect(storage.underWay).toBe(0);
  });
});

describe('a storage that gives no answer', () => {
  beforeEach(() => {
    connect({ maxSilences: 3, requestTimeoutMs: 1_000 });
    storage.otherwise = 'UNREACHABLE';
  });

  /** Three calls fail; it is not tried again before 100 ms have passed. */
  async function silence(): Promise<void> {
    for (let call = 0; call < 3; call += 1) await change(patient);
  }

  it('counts as unreachable after some silences in a row, and as reachable after any answer', async () => {
    for (const step of ['UNREACHABLE', 'UNREACHABLE', 'NOT_FOUND'] as const) {
      storage.steps.push(step);
      await change(patient);
    }
    expect(access.status.state).toBe('reachable');
    await change(patient);
    await clock.advance(10);
    await change(patient);
    expect(access.status).toMatchObject({ state: 'reachable', unreachableSinceMs: undefined });
    await change(patient);
    expect(access.status).toEqual({
      state: 'unreachable',
      unreachableSinceMs: 1_700_000_000_000,
      answeredMsAgo: 10,
      lastError: { message: 'scripted UNREACHABLE', atMs: 1_700_000_000_010 },
      underWay: 0,
      waiting: 0,
      hung: 0,
    });
    await clock.advance(100);
    storage.steps.push('FAILED');
    await change(patient);
    expect(access.status).toMatchObject({
      state: 'reachable',
      lastError: { message: 'scripted FAILED' },
    });
  });

  it('is left alone for growing pauses; who has no time for that is told at once', async () => {
    await silence();
    expect(await read(within(99))).toBe('UNREACHABLE at 0');
    expect(await listed(within(10_000), 1)).toBe('UNREACHABLE at 0, 0');
    expect(storage.asked).toBe(3);
    await clock.advance(100);
    expect(await change(patient)).toBe('UNREACHABLE at 100');
    expect(await read(within(150))).toBe('UNREACHABLE at 100');
    expect(storage.asked).toBe(4);
    await clock.advance(199);
    expect(await read(within(1))).toBe('UNREACHABLE at 299');
    expect(storage.asked).toBe(4);
    await clock.advance(1);
    storage.steps.push('answer');
    expect(await read(within(1))).toBe('done at 300');
    expect(await listed(within(10_000), 0)).toBe('UNREACHABLE at 300, 0');
    expect(storage.asked).toBe(6);
    // The pauses are short again; that listing was the first silence of three.
    await change(patient);
    await change(patient);
    expect(storage.asked).toBe(8);
    await clock.advance(100);
    expect(await change(patient)).toBe('UNREACHABLE at 400');
    expect(storage.asked).toBe(9);
  });

  it('is tried by one caller at a time, and all that can wait go on when it is back', async () => {
    await silence();
    await clock.advance(100);
    storage.otherwise = 'hang';
    const calls = Array.from({ length: 10 }, () => read(within(5_000)));
    const change1 = change(within(5_000));
    await clock.advance(500);
    expect([storage.asked, storage.underWay]).toEqual([4, 1]);
    storage.otherwise = 'answer';
    await clock.advance(5_000);
    const outcomes = await Promise.all([...calls, change1]);
    expect(outcomes.filter((one) => one.startsWith('done'))).toHaveLength(11);
    expect(access.status.state).toBe('reachable');
    expect(storage.asked).toBe(15);
  });

  it('can be asked for a change again by who was refused meanwhile: nothing was done', async () => {
    storage.steps.push('BUSY');
    const busy = change(within(5_000));
    await clock.advance(50);
    await silence();
    storage.otherwise = 'answer';
    await clock.advance(1_000);
    // Refused after 100 ms, since it is not tried before 150.
    expect(await busy).toBe('done at 300');
  });

  it('is not blamed for callers with little time or that went away', async () => {
    storage.otherwise = 'hang';
    for (let call = 0; call < 5; call += 1) {
      const short = read(within(50));
      await clock.advance(50);
      expect(await short).toMatch(/^UNREACHABLE/);
    }
    expect(access.status).toMatchObject({ state: 'untried', lastError: undefined });
  });

  it('is tried by the next when who tried went away', async () => {
    await silence();
    await clock.advance(100);
    const controller = new AbortController();
    storage.steps.push('hang');
    const probe = read({ signal: controller.signal });
    await settled();
    controller.abort(new Error('gone'));
    expect(await probe).toBe('Error: gone at 100');
    storage.steps.push('answer');
    expect(await read(within(10))).toBe('done at 100');
  });
});

describe('closing', () => {
  it('ends all calls and closes the storage, once', async () => {
    connect({ maxConcurrent: 1 });
    storage.steps.push('BUSY', 'hang');
    const calls = [read(patient)];
    await settled();
    calls.push(read(patient), read(patient), listed(patient, 1));
    await settled();
    await Promise.all([access.close(), access.close()]);
    for (const call of calls) expect(await call).toMatch(/^UNREACHABLE at 0/);
    expect(storage.closed).toBe(1);
    await expect(access.read(async () => 1, patient)).rejects.toThrow('it is closed');
    expect(await listed(patient, 1)).toBe('UNREACHABLE at 0, 0');
  });

  it('opens nothing', async () => {
    await access.close();
    expect(opened + storage.closed).toBe(0);
  });
});

it('refuses wrong options and names them', async () => {
  const taker: OptionsTaker<StorageAccessOptions> = {
    name: 'StorageAccessOptions',
    right: completeStorageAccessOptions({}),
    outOfRange: {
      maxConcurrent: [0],
      maxWaiting: [0],
      requestTimeoutMs: [0, 2 ** 31],
      maxRetryMs: [99],
      maxProbeMs: [99],
    },
    take: (options) => connect(options),
    isRefusal: (error) => error instanceof InodeAppError && error.code === 'ARGUMENT_INVALID',
  };
  await tryWrongOptions(taker);
});
