import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../clock.js';
import { type Entry, EntryType, type MemberId } from '../core/entry.js';
import { InvariantBroken } from '../core/invariant.js';
import { bootstrapWrite } from '../core/membership/bootstrap.js';
import type { Message } from '../core/message.js';
import type { RaftOptions } from '../core/options.js';
import { RaftError } from '../errors.js';
import { MemoryLogDisk, MemoryLogStore } from '../log/memory-log-store.js';
import type { Transport } from '../transport/transport.js';
import type { Applier } from './applier.js';
import { Replica } from './replica.js';
import type { ReplicaOptions } from './replica-options.js';

/** Time that passes only when a test says so. */
class ManualClock implements Clock {
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];
  #input: (() => void)[] = [];

  monotonicMs = () => this.#now;
  wallMs = () => this.#now;

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  afterInput(callback: () => void): () => void {
    this.#input.push(callback);
    return () => {
      this.#input = this.#input.filter((other) => other !== callback);
    };
  }

  /** What has arrived is handled, and all that follows from it without time passing. */
  async handleInput(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) {
      const due = this.#input;
      this.#input = [];
      for (const callback of due) callback();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Fires what is due, as one late turn of the event loop would: timers first. */
  fireTimers(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter((timer) => timer.at <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.#now);
    for (const timer of due) timer.callback();
  }

  async pass(ms: number): Promise<void> {
    for (let end = this.#now + ms; this.#now < end; ) {
      this.fireTimers(Math.min(20, end - this.#now));
      await this.handleInput();
    }
  }
}

/** Keeps what is sent; a test hands in what arrives. */
class ManualTransport implements Transport {
  readonly sent: Message[] = [];
  receive: (message: Message) => void = () => {};
  closed = false;

  async start(receive: (message: Message) => void): Promise<void> {
    this.receive = receive;
  }
  send(messages: readonly Message[]): void {
    this.sent.push(...messages);
  }
  connected(): readonly MemberId[] {
    return [];
  }
  counters() {
    return {
      messagesSent: this.sent.length,
      messagesReceived: 0,
      messagesDropped: 0,
      connectionsRejected: 0,
    };
  }
  async close(): Promise<void> {
    this.closed = true;
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

class RecordingApplier implements Applier {
  appliedIndex = 0;
  readonly applied: Entry[] = [];
  readonly hinted: Entry[] = [];
  wait: Promise<void> | undefined;

  appended(entries: readonly Entry[]): void {
    this.hinted.push(...entries);
  }
  apply(entries: readonly Entry[]): Promise<void> | undefined {
    this.applied.push(...entries);
    return this.wait;
  }
  texts(): string[] {
    return this.applied
      .filter((entry) => entry.type === EntryType.Command)
      .map((entry) => Buffer.from(entry.data).toString());
  }
}

class Fixture {
  readonly clock = new ManualClock();
  readonly transport = new ManualTransport();
  readonly applier = new RecordingApplier();
  readonly disk = new MemoryLogDisk();
  log = MemoryLogStore.open(this.disk);

  start(
    initialVoters: readonly MemberId[] = [1],
    { leaseReads, ...raft }: Partial<RaftOptions & Pick<ReplicaOptions, 'leaseReads'>> = {},
  ): Promise<Replica> {
    return Replica.start({
      raft,
      ...(leaseReads === undefined ? {} : { leaseReads }),
      id: 1,
      clusterId: 'test',
      initialVoters,
      log: this.log,
      transport: this.transport,
      applier: this.applier,
      clock: this.clock,
      random: () => 0,
    });
  }

  /** Time passes, and member 2 agrees to all that it is asked. */
  async passWith2(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) {
      const from = this.transport.sent.length;
      await this.clock.pass(20);
      for (const message of this.transport.sent.slice(from)) {
        const answer = message.to === 2 ? agreement(message) : undefined;
        if (answer !== undefined) this.transport.receive(answer);
      }
    }
    await this.clock.handleInput();
  }
}

function agreement(message: Message): Message | undefined {
  const { from: to, to: from, term } = message;
  const answer = { from, to, term, recovery: 0 } as const;
  if (message.type === 'vote') {
    const { preVote } = message;
    const nothing = { commit: 0, commitTerm: 0 } as const;
    return { type: 'vote-response', from, to, term, preVote, granted: true, ...nothing };
  }
  if (message.type === 'heartbeat') {
    return { ...answer, type: 'heartbeat-response', round: message.round };
  }
  if (message.type !== 'append') return undefined;
  const index = message.prevIndex + message.entries.length;
  const accepted = { rejected: false, hintIndex: 0, hintTerm: 0 } as const;
  return { ...answer, ...accepted, type: 'append-response', index };
}

describe('Replica', () => {
  let replica: Replica | undefined;

  afterEach(async () => {
    await replica?.stop();
    replica = undefined;
  });

  it('leads alone, and applies what it proposed', async () => {
    const f = new Fixture();
    replica = await f.start();
    await f.clock.pass(500);
    expect(replica.status()).toMatchObject({ role: 'leader', term: 2, commit: 2, applied: 2 });
    expect(replica.propose(Buffer.from('a'))).toEqual({ accepted: true, index: 3, term: 2 });
    expect(replica.uncommittedEntries).toBe(1);
    await f.clock.handleInput();
    expect(f.applier.texts()).toEqual(['a']);
    expect(f.applier.hinted.map((entry) => entry.index)).toEqual([2, 3]);
    expect(replica.uncommittedEntries).toBe(0);
  });

  it('answers reads once what was committed is applied, one round a turn', async () => {
    const f = new Fixture();
    replica = await f.start();
    await f.clock.pass(500);
    let applied = () => {};
    f.applier.wait = new Promise((resolve) => {
      applied = resolve;
    });
    replica.propose(Buffer.from('a'));
    await f.clock.handleInput();
    const order: string[] = [];
    const reads = [replica.readIndex(), replica.readIndex()].map((read) =>
      read.then(() => order.push('read')),
    );
    await f.clock.handleInput();
    expect(order).toEqual([]);
    order.push('applied');
    applied();
    await f.clock.handleInput();
    await Promise.all(reads);
    expect(order).toEqual(['applied', 'read', 'read']);
  });

  it('asks at each read whether the lease still holds, also within one turn', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3], { leaseReads: { maxClockDrift: 0 } });
    await f.passWith2(1500);
    expect(replica.status()).toMatchObject({ role: 'leader', commit: 2 });
    const answered: string[] = [];
    const first = replica.leaseRead().then(() => answered.push('first'));
    const second = replica.leaseRead().then(() => answered.push('second'));
    // The process stands still in the middle of its turn, and another member may lead meanwhile.
    f.clock.fireTimers(60_000);
    const late = replica.leaseRead().then(() => answered.push('late'));
    await f.clock.handleInput();
    await Promise.all([first, second]);
    expect(answered).toEqual(['first', 'second']);
    await f.passWith2(100);
    await late;
  });

  it('refuses proposals when it does not lead, and says who does', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    const running = replica;
    expect(() => running.propose(Buffer.from('a'))).toThrow(
      expect.objectContaining({ code: 'NOT_LEADER', details: { leader: 0 } }),
    );
    f.transport.receive({
      type: 'heartbeat',
      from: 2,
      to: 1,
      term: 1,
      commit: 0,
      commitTerm: 0,
      round: 0,
    });
    await f.clock.handleInput();
    expect(() => running.propose(Buffer.from('a'))).toThrow(
      expect.objectContaining({ code: 'NOT_LEADER', details: { leader: 2 } }),
    );
  });

  it('asks its leader for the index of a read, and waits until that is applied', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    await expect(replica.readIndex()).rejects.toMatchObject({ code: 'NOT_LEADER' });
    const leader = { from: 2, to: 1, term: 1 } as const;
    f.transport.receive({
      ...leader,
      type: 'heartbeat',
      commit: 0,
      commitTerm: 0,
      round: 0,
    });
    await f.clock.handleInput();
    const order: string[] = [];
    const read = replica.readIndex().then(() => order.push('read'));
    await f.clock.handleInput();
    const request = f.transport.sent.find((message) => message.type === 'read-index');
    const { context } = request as Message & { type: 'read-index' };
    f.transport.receive({ ...leader, type: 'read-index-response', context, index: 2 });
    await f.clock.handleInput();
    expect(order).toEqual([]);
    const entry = { index: 2, term: 1, type: EntryType.Command, data: Buffer.from('a') };
    order.push('applied');
    f.transport.receive({
      ...leader,
      type: 'append',
      prevIndex: 1,
      prevTerm: 1,
      commit: 2,
      entries: [entry],
    });
    await f.clock.handleInput();
    await read;
    expect(order).toEqual(['applied', 'read']);
  });

  it('ends a read that waits for entries when nobody is left to bring them', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    const leader = { from: 2, to: 1, term: 1 } as const;
    f.transport.receive({ ...leader, type: 'heartbeat', commit: 0, round: 0 });
    await f.clock.handleInput();
    const read = replica.readIndex();
    await f.clock.handleInput();
    const request = f.transport.sent.find((message) => message.type === 'read-index');
    const { context } = request as Message & { type: 'read-index' };
    // The leader has applied that this member was removed, and sends it nothing more.
    f.transport.receive({ ...leader, type: 'read-index-response', context, index: 9 });
    const ended = expect(read).rejects.toMatchObject({ code: 'LEADERSHIP_LOST' });
    await f.clock.pass(1000);
    await ended;
  });

  it('hears what arrived while it was held up before it believes that the leader is gone', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    const heartbeat = {
      type: 'heartbeat',
      from: 2,
      to: 1,
      term: 1,
      commit: 0,
      commitTerm: 0,
      round: 0,
    } as const;
    f.transport.receive(heartbeat);
    await f.clock.pass(380);
    // The loop stood still for a minute; its timers come first, then what had arrived meanwhile.
    f.clock.fireTimers(60_000);
    f.transport.receive(heartbeat);
    await f.clock.handleInput();
    await f.clock.pass(360);
    expect(replica.status()).toMatchObject({ role: 'follower', leader: 2 });
    await f.clock.pass(60);
    expect(replica.status().role).toBe('pre-candidate');
  });

  it('lets a reader go when its signal is aborted, and the others of its round wait on', async () => {
    const f = new Fixture();
    replica = await f.start();
    await f.clock.pass(500);
    const abort = new AbortController();
    const impatient = replica.readIndex(abort.signal);
    const patient = replica.readIndex();
    abort.abort(new Error('no longer wanted'));
    await expect(impatient).rejects.toThrow('no longer wanted');
    await f.clock.handleInput();
    await expect(patient).resolves.toBeUndefined();
  });

  it('tells listeners of changes of role, term and leader', async () => {
    const f = new Fixture();
    replica = await f.start();
    const seen: string[] = [];
    const unsubscribe = replica.onChange(() => seen.push(replica?.status().role ?? ''));
    await f.clock.pass(500);
    expect(seen.at(-1)).toBe('leader');
    unsubscribe();
    const before = seen.length;
    await replica.stop();
    expect(seen).toHaveLength(before);
  });

  it('stops when a write fails, and never writes again', async () => {
    const f = new Fixture();
    replica = await f.start();
    await f.clock.pass(500);
    let writes = 0;
    f.log.write = () => {
      writes++;
      return Promise.reject(new Error('disk on fire'));
    };
    replica.propose(Buffer.from('a'));
    const read = replica.readIndex();
    await f.clock.handleInput();
    await expect(replica.stopped).resolves.toMatchObject({ message: 'disk on fire' });
    await expect(read).resolves.toBeUndefined();
    await expect(replica.readIndex()).rejects.toMatchObject({ code: 'REPLICA_STOPPED' });
    const stopped = replica;
    expect(() => stopped.propose(Buffer.from('b'))).toThrow(
      expect.objectContaining({ code: 'REPLICA_STOPPED' }),
    );
    await f.clock.pass(1000);
    expect(writes).toBe(1);
    expect(f.applier.texts()).toEqual([]);
    expect(f.transport.closed).toBe(true);
    expect(f.disk.inUse).toBe(false);
  });

  it('goes on when entries that a lagging member needs are no longer in the log', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3], { preVote: false, checkQuorum: false, logWindowBytes: 1 });
    await f.clock.pass(400);
    const vote = {
      type: 'vote-response',
      from: 2,
      to: 1,
      term: 2,
      preVote: false,
      commit: 0,
      commitTerm: 0,
    } as const;
    f.transport.receive({ ...vote, granted: true });
    await f.clock.handleInput();
    const read = f.log.read.bind(f.log);
    let reads = 0;
    f.log.read = () => {
      reads++;
      return Promise.reject(new RaftError('LOG_UNAVAILABLE', 'replaced'));
    };
    const fromThree = async () => {
      f.transport.receive({
        type: 'heartbeat-response',
        from: 3,
        to: 1,
        term: 2,
        round: 0,
        recovery: 0,
      });
      await f.clock.handleInput();
    };
    await f.clock.pass(100);
    await fromThree();
    expect(reads).toBeGreaterThan(0);
    expect(replica.status().role).toBe('leader');
    f.log.read = read;
    f.transport.sent.length = 0;
    await f.clock.pass(100);
    await fromThree();
    const sent = f.transport.sent.find((m) => m.type === 'append' && m.to === 3);
    expect(sent).toMatchObject({ entries: [{ index: 2 }] });
  });

  it('stops when the state machine fails', async () => {
    const f = new Fixture();
    replica = await f.start();
    f.applier.apply = () => {
      throw new Error('inconsistent state');
    };
    await f.clock.pass(500);
    await expect(replica.stopped).resolves.toMatchObject({ message: 'inconsistent state' });
  });

  it('stops when an invariant breaks', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    const append = { type: 'append', from: 2, to: 1, term: 2, prevIndex: 1, prevTerm: 1 } as const;
    const entry = { index: 2, term: 2, type: EntryType.Command, data: Buffer.from('a') };
    f.transport.receive({ ...append, commit: 2, entries: [entry] });
    await f.clock.handleInput();
    expect(f.applier.texts()).toEqual(['a']);
    // Terms can't fall along a log.
    f.transport.receive({
      ...append,
      prevIndex: 2,
      prevTerm: 2,
      commit: 2,
      entries: [{ ...entry, index: 3, term: 1 }],
    });
    await expect(replica.stopped).resolves.toBeInstanceOf(InvariantBroken);
  });

  it('refuses to start with a state machine that is ahead of its log', async () => {
    const f = new Fixture();
    await f.log.write(bootstrapWrite([1], [], {}));
    await f.log.close();
    f.log = MemoryLogStore.open(f.disk);
    f.applier.appliedIndex = 5;
    await expect(f.start()).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    expect(f.disk.inUse).toBe(false);
    expect(f.transport.closed).toBe(true);
  });

  it('takes nothing in a log that is being brought up to date for committed because of its state', async () => {
    const f = new Fixture();
    const entry = (index: number, term: number, text: string): Entry => {
      return { index, term, type: EntryType.Command, data: Buffer.from(text) };
    };
    const hardState = { term: 2, votedFor: 0, commit: 0, recovery: 7 };
    await f.log.close();
    // Of a leader that was deposed; the state is older than that, and comes from a log that is lost.
    f.disk.write({ hardState, entries: [entry(1, 1, 'a'), entry(2, 2, 'left over')] });
    f.log = MemoryLogStore.open(f.disk);
    f.applier.appliedIndex = 3;
    replica = await f.start([1, 2, 3]);
    expect(replica.status()).toMatchObject({ recovering: true, commit: 0, applied: 0 });
    const leader = { type: 'append', from: 2, to: 1, term: 3, prevIndex: 1, prevTerm: 1 } as const;
    const entries = [entry(2, 3, 'b'), entry(3, 3, 'c'), entry(4, 3, 'd')];
    f.transport.receive({ ...leader, commit: 4, entries });
    await f.clock.handleInput();
    expect(replica.status()).toMatchObject({ recovering: true, commit: 4, applied: 4 });
    expect(f.applier.texts()).toEqual(['d']);
  });

  it('names every option that is wrong', async () => {
    const f = new Fixture();
    await expect(f.start([0, 0])).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(/a member id must be.*twice/),
    });
  });

  it('applies what its log holds and its state machine lacks after a restart', async () => {
    const f = new Fixture();
    replica = await f.start();
    await f.clock.pass(500);
    for (const text of ['a', 'b', 'c']) replica.propose(Buffer.from(text));
    await f.clock.handleInput();
    await replica.stop();
    const g = new Fixture();
    g.log = MemoryLogStore.open(f.disk);
    g.applier.appliedIndex = 3;
    replica = await g.start();
    await g.clock.pass(500);
    expect(g.applier.texts()).toEqual(['b', 'c']);
  });
});
