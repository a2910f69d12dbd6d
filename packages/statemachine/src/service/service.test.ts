import fc from 'fast-check';
import { type Entry, EntryType, RaftError } from 'raft-ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeEntry, encodeItem } from '../entry-codec.js';
import { StateMachineError } from '../errors.js';
import { KeyValueMachine } from '../machines/key-value-machine.js';
import { MemoryRows } from '../machines/memory-rows.js';
import { decodeValue } from '../message-pack.js';
import { RpcMethod } from '../rpc-methods.js';
import type { WireValue } from '../state-machine.js';
import { Answer, FakeReplica, ManualClock } from './fake-member.test.support.js';
import { StateMachineService } from './service.js';
import type { ServiceOptions } from './service-options.js';

/** A key-value machine whose fetching, queries and own work a test controls. */
class TestMachine extends KeyValueMachine {
  fetching: Promise<void> | undefined;
  fetched = 0;
  commits = 0;
  work: WireValue | undefined;
  answering: Promise<WireValue> | undefined;
  failApply = false;

  override prefetch() {
    this.fetched++;
    return this.fetching as undefined;
  }

  override commit(...change: Parameters<KeyValueMachine['commit']>): void {
    this.commits++;
    super.commit(...change);
  }

  override apply(...command: Parameters<KeyValueMachine['apply']>): WireValue {
    if (this.failApply) throw new Error('broken');
    return super.apply(...command);
  }

  override pendingWork() {
    return this.work as undefined;
  }

  override query(...query: Parameters<KeyValueMachine['query']>): Promise<WireValue> {
    return this.answering ?? super.query(...query);
  }
}

type Options = Partial<ServiceOptions<never, never>>;

let clock: ManualClock;
let replica: FakeReplica;
let machine: TestMachine;
let service: StateMachineService<unknown, unknown>;

async function start(options: Options = {}, rows = new MemoryRows()): Promise<void> {
  clock = new ManualClock();
  replica = new FakeReplica();
  machine = new TestMachine(rows);
  service = (await StateMachineService.open({
    ...options,
    machine,
    clientAddresses: new Map([
      [1, 'one:1'],
      [2, 'two:2'],
    ]),
    clock,
  })) as unknown as StateMachineService<unknown, unknown>;
  service.serve(replica);
}

function ask(method: number, body: WireValue): Answer {
  const answer = new Answer();
  service.handler(method, body, answer);
  return answer;
}

function command(session: number, sequence: number, value: WireValue, timeoutMs = 10_000): Answer {
  return ask(RpcMethod.Command, [session, sequence, 1, value, timeoutMs]);
}

/** What was proposed and not yet committed is committed and applied. */
function commit(): Promise<void> | undefined {
  const entries = replica.log.slice(replica.commit);
  if (entries.length === 0) return undefined;
  service.appended(entries);
  replica.commit = replica.log.length;
  return service.apply(entries);
}

/** Lets what arrived be proposed. */
function flush(): void {
  clock.advance(0);
}

function openSession(): number {
  const answer = ask(RpcMethod.OpenSession, [1000]);
  flush();
  void commit();
  const [session] = answer.result as number[];
  return session ?? 0;
}

beforeEach(() => start());

describe('commands', () => {
  beforeEach(() => replica.become('leader', 1, 1));

  it('that arrive together share an entry, and have their own results', () => {
    const session = openSession();
    const before = replica.log.length;
    const commits = machine.commits;
    const answers = [1, 2, 3].map((n) => command(session, n, ['add', 'k', n]));
    flush();
    expect(replica.log.length).toBe(before + 1);
    expect(answers.map((answer) => answer.seen)).toEqual(['waiting', 'waiting', 'waiting']);
    void commit();
    expect(answers.map((answer) => answer.seen)).toEqual([1, 3, 6]);
    expect(machine.commits).toBe(commits + 1);
  });

  it('take effect once, also when sent again, in the same entry or later', () => {
    const session = openSession();
    const twice = [1, 1].map(() => command(session, 1, ['add', 'k', 5]));
    flush();
    void commit();
    const later = command(session, 1, ['add', 'k', 5]);
    flush();
    void commit();
    expect([...twice, later].map((answer) => answer.seen)).toEqual([5, 5, 5]);
  });

  it('are remembered over a restart on the same rows', async () => {
    const rows = new MemoryRows();
    await start({}, rows);
    replica.become('leader', 1, 1);
    const session = openSession();
    command(session, 1, ['add', 'k', 5]);
    flush();
    void commit();
    const { log } = replica;
    await start({}, rows);
    replica.log.push(...log);
    replica.commit = log.length;
    replica.become('leader', 2, 1);
    const again = command(session, 1, ['add', 'k', 5]);
    flush();
    void commit();
    expect(again.seen).toBe(5);
  });

  it('are split over entries by number and by bytes', async () => {
    await start({ maxEntryItems: 3, maxEntryBytes: 200 });
    replica.become('leader', 1, 1);
    const session = openSession();
    const before = replica.log.length;
    for (let n = 1; n <= 4; n++) command(session, n, ['put', 'k', n]);
    flush();
    expect(replica.log.length).toBe(before + 2);
    void commit();
    for (let n = 5; n <= 6; n++) command(session, n, ['put', 'k', 'x'.repeat(150)]);
    flush();
    expect(replica.log.length).toBe(before + 4);
  });

  it('gather while the pipeline is full', async () => {
    await start({ pipelineDepth: 2 });
    replica.become('leader', 1, 1);
    const session = openSession();
    const before = replica.log.length;
    const answers: Answer[] = [];
    for (let n = 1; n <= 10; n++) {
      answers.push(command(session, n, ['add', 'k', 1]));
      flush();
    }
    expect(replica.log.length).toBe(before + 2);
    void commit();
    flush();
    expect(replica.log.length).toBe(before + 3);
    void commit();
    expect(answers.map((answer) => answer.seen)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('are refused when too many wait, and nothing was done then', async () => {
    await start({ maxPendingItems: 2 });
    replica.become('leader', 1, 1);
    const session = openSession();
    const answers = [1, 2, 3].map((n) => command(session, n, ['add', 'k', 1]));
    expect(answers.map((answer) => answer.seen)).toEqual([
      'waiting',
      'waiting',
      'OVERLOADED definite',
    ]);
    flush();
    expect(command(session, 4, ['add', 'k', 1]).seen).toBe('OVERLOADED definite');
    void commit();
    expect(command(session, 4, ['add', 'k', 1]).seen).toBe('waiting');
  });

  it('are refused when too many bytes wait', async () => {
    await start({ maxPendingBytes: 1000 });
    replica.become('leader', 1, 1);
    const session = openSession();
    expect(command(session, 1, ['put', 'k', 'x'.repeat(900)]).seen).toBe('waiting');
    expect(command(session, 2, ['put', 'k', 'x'.repeat(900)]).seen).toBe('OVERLOADED definite');
  });

  it('wait when the replica takes no more now', () => {
    const session = openSession();
    replica.refusal = new RaftError('PROPOSALS_OVERLOADED', 'full');
    const first = command(session, 1, ['add', 'k', 1]);
    flush();
    expect(first.seen).toBe('waiting');
    replica.refusal = undefined;
    const second = command(session, 2, ['add', 'k', 1]);
    flush();
    void commit();
    expect([first.seen, second.seen]).toEqual([1, 2]);
  });

  it('too large for an entry or for the service are refused', async () => {
    await start({ maxCommandBytes: 1000 });
    replica.become('leader', 1, 1);
    const session = openSession();
    expect(command(session, 1, ['put', 'k', 'x'.repeat(1000)]).seen).toBe(
      'COMMAND_TOO_LARGE definite',
    );
    replica.refusal = new RaftError('PROPOSAL_TOO_LARGE', 'large');
    const answer = command(session, 2, ['put', 'k', 'x'.repeat(900)]);
    flush();
    expect(answer.seen).toBe('COMMAND_TOO_LARGE definite');
  });

  it('not proposed before their deadline are definitely not done', () => {
    const session = openSession();
    replica.refusal = new RaftError('PROPOSALS_OVERLOADED', 'full');
    const early = command(session, 1, ['add', 'k', 1], 100);
    const late = command(session, 2, ['add', 'k', 1], 1000);
    clock.advance(500);
    expect([early.seen, late.seen]).toEqual(['DEADLINE_EXCEEDED definite', 'waiting']);
  });

  it('proposed and not decided before their deadline are unknown, and answered once', () => {
    const session = openSession();
    const early = command(session, 1, ['add', 'k', 1], 100);
    const late = command(session, 2, ['add', 'k', 1], 10_000);
    clock.advance(500);
    expect([early.seen, late.seen]).toEqual(['OUTCOME_UNKNOWN unknown', 'waiting']);
    void commit();
    expect([early.seen, late.seen]).toEqual(['OUTCOME_UNKNOWN unknown', 2]);
    clock.advance(1000);
    expect(clock.timers).toBe(0);
  });

  it('wait no longer than the member allows', async () => {
    await start({ maxTimeoutMs: 200 });
    replica.become('leader', 1, 1);
    const session = openSession();
    const answer = command(session, 1, ['add', 'k', 1], 1e9);
    clock.advance(300);
    expect(answer.seen).toBe('OUTCOME_UNKNOWN unknown');
  });

  it('have times that never run back', () => {
    const session = openSession();
    const times: unknown[] = [];
    for (const wall of [5000, 1000, 6000]) {
      clock.wallMs = () => wall;
      command(session, times.length + 1, ['add', 'k', 1]);
      flush();
      const [, timeMs] = decodeValue(replica.log.at(-1)?.data ?? new Uint8Array()) as unknown[];
      times.push(timeMs);
      void commit();
    }
    expect(times).toEqual([...times].sort((a, b) => Number(a) - Number(b)));
  });
});

describe('a lead that is lost', () => {
  beforeEach(() => replica.become('leader', 1, 1));

  it('leaves proposed commands unknown, and those that wait undone', async () => {
    await start({ pipelineDepth: 1 });
    replica.become('leader', 1, 1);
    const session = openSession();
    const proposed = command(session, 1, ['add', 'k', 1]);
    flush();
    const waiting = command(session, 2, ['add', 'k', 1]);
    replica.become('follower', 2, 2);
    expect(proposed.seen).toBe('OUTCOME_UNKNOWN unknown');
    expect(waiting.seen).toBe('NOT_LEADER definite two:2');
    expect(command(session, 3, ['add', 'k', 1]).seen).toBe('NOT_LEADER definite two:2');
    void commit();
    expect([proposed.times, waiting.times]).toEqual([1, 1]);
  });

  it('and won again in one moment leaves what was proposed before unknown', () => {
    const session = openSession();
    const before = command(session, 1, ['add', 'k', 1]);
    flush();
    const waiting = command(session, 2, ['add', 'k', 1]);
    replica.become('leader', 3, 1);
    flush();
    void commit();
    expect(before.seen).toBe('OUTCOME_UNKNOWN unknown');
    expect(waiting.seen).toBe(2);
  });

  it('is noticed when another entry stands where a command was to be', () => {
    const session = openSession();
    const lost = command(session, 1, ['add', 'k', 1]);
    flush();
    const last = replica.log.length;
    const other: Entry = { index: last, term: 2, type: EntryType.Empty, data: new Uint8Array() };
    replica.log[last - 1] = other;
    void commit();
    expect(lost.seen).toMatch(/^NOT_LEADER definite/);
  });

  it('is noticed when the replica refuses to propose', () => {
    const session = openSession();
    const answer = command(session, 1, ['add', 'k', 1]);
    replica.refusal = new RaftError('NOT_LEADER', 'follows', { details: { leader: 2 } });
    flush();
    expect(answer.seen).toBe('NOT_LEADER definite two:2');
  });

  it('leaves unknown what another proposal took the place of', () => {
    const session = openSession();
    const lost = command(session, 1, ['add', 'k', 1]);
    flush();
    // Not yet committed: a member that still has the first one may lead next, and commit it.
    replica.log.pop();
    command(session, 2, ['add', 'k', 1]);
    flush();
    expect(lost.seen).toBe('OUTCOME_UNKNOWN unknown');
  });

  it('answers what waits when proposing breaks the replica', () => {
    const session = openSession();
    const answer = command(session, 1, ['add', 'k', 1]);
    replica.refusal = new Error('a broken invariant');
    expect(flush).not.toThrow();
    expect(answer.seen).toBe('STOPPED definite');
  });
});

describe('queries', () => {
  beforeEach(() => replica.become('leader', 1, 1));

  const query = (consistency: number, value: WireValue = ['get', 'k'], timeoutMs = 1000) =>
    ask(RpcMethod.Query, [consistency, value, timeoutMs]);

  async function settled(): Promise<void> {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }

  it('wait until the lead is confirmed, and share a round', async () => {
    const answers = [query(0), query(0)];
    await settled();
    expect(answers.map((answer) => answer.seen)).toEqual(['waiting', 'waiting']);
    replica.closeRound();
    const next = query(0);
    expect(replica.reads.length).toBe(2);
    replica.reads[0]?.resolve();
    await settled();
    expect([...answers, next].map((answer) => answer.seen)).toEqual([null, null, 'waiting']);
  });

  it('are answered at once, by any member, when they may be old', async () => {
    replica.become('follower', 2, 0);
    const answer = query(1);
    await settled();
    expect(answer.seen).toBe(null);
    expect(query(0).seen).toBe('NOT_LEADER definite');
  });

  it('are told when the lead could not be confirmed', async () => {
    const answers: Answer[] = [];
    for (const code of ['LEADERSHIP_LOST', 'READS_OVERLOADED', 'REPLICA_STOPPED'] as const) {
      answers.push(query(0));
      replica.closeRound();
      replica.reads.at(-1)?.reject(new RaftError(code, 'no'));
    }
    await settled();
    expect(answers.map((answer) => answer.seen)).toEqual([
      'NOT_LEADER definite one:1',
      'OVERLOADED definite',
      'STOPPED definite',
    ]);
  });

  it('end with their deadline, and are limited in number', async () => {
    await start({ maxPendingQueries: 2 });
    replica.become('leader', 1, 1);
    const answers = [query(0, ['get', 'k'], 100), query(0), query(0)];
    expect(answers[2]?.seen).toBe('OVERLOADED definite');
    clock.advance(200);
    expect(answers.map((answer) => answer.seen).slice(0, 2)).toEqual([
      'DEADLINE_EXCEEDED definite',
      'waiting',
    ]);
    replica.reads[0]?.resolve();
    await settled();
    expect(answers[1]?.seen).toBe(null);
  });

  it('that fail say so, and harm nothing', async () => {
    machine.answering = Promise.reject(new Error('the disk is gone'));
    const failing = query(1);
    await settled();
    machine.answering = Promise.reject(new StateMachineError('QUERY_FAILED', 'not now'));
    const refused = query(1);
    await settled();
    expect([failing.seen, refused.seen]).toEqual([
      'QUERY_FAILED definite',
      'QUERY_FAILED definite',
    ]);
    expect(failing.failure?.message).toBe('the disk is gone');
  });
});

describe('applying', () => {
  const entryOf = (index: number, command: WireValue): Entry => ({
    index,
    term: 1,
    type: EntryType.Command,
    data: encodeEntry(1000, [encodeItem({ kind: 'work', command })]),
  });

  it('waits for what is being fetched, decoded and fetched once', async () => {
    let fetched: () => void = () => {};
    machine.fetching = new Promise((resolve) => {
      fetched = resolve;
    });
    const entries = [entryOf(1, ['put', 'k', 1]), entryOf(2, ['put', 'k', 2])];
    service.appended(entries);
    const applying = service.apply(entries);
    await Promise.resolve();
    expect(machine.appliedIndex).toBe(0);
    fetched();
    await applying;
    expect(machine.appliedIndex).toBe(2);
    expect(machine.fetched).toBe(2);
  });

  it('stops the member when fetching failed', async () => {
    machine.fetching = Promise.reject(new Error('the disk is gone'));
    const entries = [entryOf(1, ['put', 'k', 1])];
    service.appended(entries);
    await expect(service.apply(entries)).rejects.toThrow('the disk is gone');
  });

  it('stops the member when the machine fails, or an entry can not be read', () => {
    const damaged = { ...entryOf(1, null), data: Buffer.from('c1', 'hex') };
    service.appended([damaged]);
    expect(() => service.apply([damaged])).toThrow('entry 1');
    const unknown = entryOf(1, ['no such command']);
    service.appended([unknown]);
    expect(() => service.apply([unknown])).toThrow('entry 1');
    machine.failApply = true;
    expect(() => service.apply([entryOf(1, ['put', 'k', 1])])).toThrow('broken');
  });

  it('stops the member when entries are missing', () => {
    expect(() => service.apply([entryOf(2, ['put', 'k', 1])])).toThrow('after 0');
  });

  it('does not decode far ahead', async () => {
    await start({ maxEntriesAhead: 3 });
    const entries = Array.from({ length: 10 }, (_, i) => entryOf(i + 1, ['put', 'k', i]));
    service.appended(entries);
    expect(machine.fetched).toBe(3);
    service.apply(entries);
    expect(machine.fetched).toBe(10);
    expect(machine.appliedIndex).toBe(10);
  });
});

describe("the member's own work", () => {
  it('goes through the log one step at a time, with a pause, on the leader alone', () => {
    machine.work = ['add', 'steps', 1];
    clock.advance(100);
    expect(replica.log.length).toBe(0);
    replica.become('leader', 1, 1);
    flush();
    expect(replica.log.length).toBe(1);
    clock.advance(100);
    expect(replica.log.length).toBe(1);
    void commit();
    flush();
    expect(replica.log.length).toBe(1);
    clock.advance(10);
    expect(replica.log.length).toBe(2);
    replica.become('follower', 2, 2);
    void commit();
    clock.advance(100);
    expect(replica.log.length).toBe(2);
    machine.work = undefined;
    replica.become('leader', 3, 1);
    flush();
    expect(replica.log.length).toBe(2);
  });

  it('makes the limits of sessions those of the leader', async () => {
    await start({ sessions: { maxOutstanding: 7 } });
    replica.become('leader', 1, 1);
    flush();
    void commit();
    const opened = ask(RpcMethod.OpenSession, [1000]);
    flush();
    void commit();
    expect(opened.result).toEqual([expect.any(Number), 7]);
  });
});

describe('looking for the leader', () => {
  const find = (aboveTerm: number, waitMs: number) =>
    ask(RpcMethod.FindLeader, [aboveTerm, waitMs]);

  it('is answered at once where it is known', () => {
    replica.become('leader', 4, 1);
    expect(find(4, 1000).seen).toEqual([true, 4, 1, 'one:1']);
    replica.become('follower', 5, 2);
    expect(find(4, 1000).seen).toEqual([false, 5, 2, 'two:2']);
    expect(find(5, 0).seen).toEqual([false, 5, 2, 'two:2']);
  });

  it('waits for the next leader, and no longer than was asked', () => {
    replica.become('follower', 5, 2);
    const [short, long] = [find(5, 100), find(5, 1000)];
    clock.advance(200);
    expect(short.seen).toEqual([false, 5, 2, 'two:2']);
    replica.become('candidate', 6, 0);
    expect(long.seen).toBe('waiting');
    replica.become('leader', 6, 1);
    expect(long.seen).toEqual([true, 6, 1, 'one:1']);
  });

  it('does not wait where too many do', async () => {
    await start({ maxLeaderWaiters: 1 });
    expect([find(5, 1000).seen, find(5, 1000).seen]).toEqual(['waiting', [false, 1, 0, null]]);
  });
});

describe('requests', () => {
  it('before the member serves, and after it has stopped, are answered', async () => {
    const early = (await StateMachineService.open({
      machine: new KeyValueMachine(),
      clientAddresses: new Map(),
    })) as StateMachineService<unknown, unknown>;
    const answer = new Answer();
    early.handler(RpcMethod.Command, [1, 1, 1, ['put', 'k', 1], 10], answer);
    expect(answer.seen).toBe('UNAVAILABLE definite');
    await early.close();

    replica.become('leader', 1, 1);
    const session = openSession();
    const proposed = command(session, 1, ['add', 'k', 1]);
    flush();
    const waiting = command(session, 2, ['add', 'k', 1]);
    const reading = ask(RpcMethod.Query, [0, ['get', 'k'], 1000]);
    replica.become('follower', 1, 0);
    const finding = ask(RpcMethod.FindLeader, [9, 1000]);
    replica.stop(new Error('the disk is gone'));
    await Promise.resolve();
    await Promise.resolve();
    expect(proposed.seen).toBe('OUTCOME_UNKNOWN unknown');
    expect(waiting.seen).toBe('NOT_LEADER definite');
    expect(reading.seen).toBe('STOPPED definite');
    expect(finding.seen).toEqual([false, 0, 0, null]);
    expect(command(session, 3, ['add', 'k', 1]).seen).toBe('STOPPED definite');
    expect(ask(RpcMethod.Status, null).result).toMatchObject({
      stopped: true,
      stoppedBy: 'the disk is gone',
    });
    expect(clock.timers).toBe(0);
    await service.close();
  });

  it('that make no sense are refused, whatever they are', () => {
    replica.become('leader', 1, 1);
    const bodies: [number, WireValue][] = [
      [RpcMethod.Command, null],
      [RpcMethod.Command, [1, 1, 1, ['put', 'k', 1]]],
      [RpcMethod.Command, [0, 1, 1, ['put', 'k', 1], 10]],
      [RpcMethod.Command, [1, 1.5, 1, ['put', 'k', 1], 10]],
      [RpcMethod.Command, [1, 1, 2, ['put', 'k', 1], 10]],
      [RpcMethod.Command, [1, 1, 1, ['put', 'k', 1], 'soon']],
      [RpcMethod.Query, [7, ['get', 'k'], 10]],
      [RpcMethod.OpenSession, []],
      [RpcMethod.CloseSession, ['x', 1]],
      [RpcMethod.KeepAlive, [1, 0, 1]],
      [RpcMethod.FindLeader, ['x', 1]],
      [99, null],
    ];
    for (const [method, body] of bodies) {
      expect(ask(method, body).seen).toBe('INVALID_REQUEST definite');
    }
    let nested: WireValue = 1;
    for (let i = 0; i < 5000; i++) nested = [nested];
    expect(command(1, 1, ['put', 'k', nested]).seen).toBe('INVALID_REQUEST definite');
    expect(command(1, 1, ['no such']).seen).toBe('INVALID_COMMAND definite');
    expect(ask(RpcMethod.Query, [0, ['no such'], 10]).seen).toBe('INVALID_QUERY definite');
    flush();
    expect(replica.log.length).toBe(0);
  });

  it('of any content are answered, and never stop the member', () => {
    replica.become('leader', 1, 1);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.anything(), (method, body) => {
        const answer = ask(method, body);
        clock.advance(70_000);
        void commit();
        expect(answer.times).toBe(1);
      }),
    );
  });

  it('end and keep sessions', () => {
    replica.become('leader', 1, 1);
    const session = openSession();
    const kept = ask(RpcMethod.KeepAlive, [session, 1, 1000]);
    const unknown = ask(RpcMethod.KeepAlive, [session + 1, 1, 1000]);
    flush();
    void commit();
    expect([kept.seen, unknown.seen]).toEqual([null, 'SESSION_EXPIRED definite']);
    const closed = ask(RpcMethod.CloseSession, [session, 1000]);
    flush();
    void commit();
    expect([closed.seen, service.status().sessions]).toEqual([null, 0]);
    const late = command(session, 1, ['add', 'k', 1]);
    flush();
    void commit();
    expect(late.seen).toBe('SESSION_EXPIRED definite');
  });
});

describe('options', () => {
  it('that contradict each other are refused', async () => {
    for (const options of [
      { maxEntryItems: 2000 },
      { pipelineDepth: 0 },
      { sessions: { idleMs: -1 } },
      { sessions: { maxSavedBytes: 100, maxTotalSavedBytes: 10 } },
    ]) {
      await expect(start(options)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    }
  });
});
