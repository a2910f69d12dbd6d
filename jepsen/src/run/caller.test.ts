import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../workloads/workload.js';
import { Caller } from './caller.js';
import { RecordedHistory } from './recorded-history.js';

describe('a caller', () => {
  let directory: string;
  let history: RecordedHistory;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jepsen-caller-'));
    history = await RecordedHistory.create(join(directory, 'history.ndjson'), {
      format: 1,
      workload: 'register',
      suite: 'none',
      nemeses: [],
      seed: 1,
      startedAt: new Date(0).toISOString(),
      options: {},
    });
  });
  afterEach(async () => {
    await history[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  const { signal } = new AbortController();
  const callerOf = (open: () => Promise<Client>) =>
    new Caller({ number: 1, clients: 10, timeoutMs: 20, recorder: history.writer, open });

  it('leaves a client that does not end its call, and goes on with another one', async () => {
    let opened = 0;
    await using caller = callerOf(async () => {
      const isFirst = opened++ === 0;
      return {
        invoke: () => (isFirst ? new Promise(() => {}) : Promise.resolve({ output: 5 })),
        [Symbol.asyncDispose]: async () => {},
      };
    });
    expect(await caller.call({ kind: 'read' }, signal)).toBeUndefined();
    expect(await caller.call({ kind: 'read' }, signal)).toEqual({ output: 5 });
    const seen = history.history().events.map(({ type, process }) => [type, process]);
    expect(seen).toEqual([
      ['invoke', 1],
      ['info', 1],
      ['invoke', 11],
      ['ok', 11],
    ]);
  });

  it('leaves a client that does not open, closes it where it comes late, and asks for another', async () => {
    let bring: (client: Client) => void = () => {};
    const late = new Promise<Client>((resolve) => {
      bring = resolve;
    });
    const clientOf = (close: () => void): Client => ({
      invoke: async () => ({ output: 5 }),
      [Symbol.asyncDispose]: async () => close(),
    });
    let opened = 0;
    await using caller = callerOf(() =>
      opened++ === 0 ? late : Promise.resolve(clientOf(() => {})),
    );
    expect(await caller.call({ kind: 'read' }, signal)).toBeUndefined();
    expect(caller.openFailure).toBe('none was open within 20 ms');
    expect(await caller.call({ kind: 'read' }, signal)).toEqual({ output: 5 });
    await new Promise<void>((resolve) => bring(clientOf(resolve)));
  });

  it('knows no session again once it has left the client whose session it was', async () => {
    let opened = 0;
    await using caller = callerOf(async () => {
      const isFirst = opened++ === 0;
      return {
        session: 's1',
        invoke: () => (isFirst ? new Promise(() => {}) : Promise.resolve({ output: 5 })),
        [Symbol.asyncDispose]: async () => {},
      };
    });
    await caller.call({ kind: 'add' }, signal);
    await caller.call({ kind: 'add' }, signal);
    const sessions = history
      .history()
      .events.flatMap((event) => (event.type === 'invoke' ? [event.session] : []));
    expect(sessions).toEqual(['s1', 's1/1']);
  });

  it('writes nothing down where no client can be had', async () => {
    await using caller = callerOf(() => Promise.reject(new Error('nobody listens')));
    expect(await caller.call({ kind: 'read' }, signal)).toBeUndefined();
    expect(history.history().events).toEqual([]);
  });
});
