import type { Clock } from '@raft-ts/net';
import { type Entry, EntryType, type MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import type { RaftOptions } from '../core/options.js';
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
  appliedTerm?: number;
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

/** Member 2 leads in term 1, and nothing is committed. */
export const HEARTBEAT_OF_2: Message = {
  type: 'heartbeat',
  heard: false,
  from: 2,
  to: 1,
  term: 1,
  commit: 0,
  commitTerm: 0,
  round: 0,
  heldByAll: 0,
};

/** Member 1, with the time, the network and the disk in the hands of a test. */
export class Fixture {
  readonly clock = new ManualClock();
  readonly transport = new ManualTransport();
  readonly applier = new RecordingApplier();
  readonly disk = new MemoryLogDisk();
  log = MemoryLogStore.open(this.disk);

  start(
    initialVoters: readonly MemberId[] = [1],
    { leaseReads, ...raft }: Partial<RaftOptions & Pick<ReplicaOptions, 'leaseReads'>> = {},
    more: Partial<ReplicaOptions> = {},
  ): Promise<Replica> {
    return Replica.start({
      ...more,
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
    const known = { priority: 3, commit: 0, commitTerm: 0 } as const;
    return { ...answer, ...known, type: 'heartbeat-response', round: message.round };
  }
  if (message.type !== 'append') return undefined;
  const index = message.prevIndex + message.entries.length;
  const accepted = { rejected: false, hintIndex: 0, hintTerm: 0 } as const;
  return { ...answer, ...accepted, type: 'append-response', index };
}
