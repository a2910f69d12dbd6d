import assert from 'node:assert/strict';
import { isNetError } from '@raft-ts/net';
import {
  type ComplianceBodies,
  type ComplianceCase,
  complianceCases,
  eventually,
} from '@raft-ts/net/testing';
import { type Entry, EntryType, type MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import type { Transport } from '../transport/transport.js';

/** A network of members 1, 2 and 3, made for one case. */
export interface TransportHome {
  /**
   * The transport of a member, not started. Called again for the same member after the last one
   * was closed, or to see that a second one is refused.
   */
  transport(id: MemberId): Transport;
  /** Removes everything. Called once, after the last transport was closed. */
  remove(): Promise<void>;
}

/**
 * What every Transport must do, as cases for any test runner:
 *
 * ```ts
 * describe('my transport', () => {
 *   for (const { name, run } of transportCompliance(createHome)) it(name, run);
 * });
 * ```
 */
export function transportCompliance(createHome: () => Promise<TransportHome>): ComplianceCase[] {
  return complianceCases(cases, async () => new Bench(await createHome()));
}

interface Member {
  readonly transport: Transport;
  readonly received: Message[];
}

/** Starts members, and closes those that a case leaves open. */
class Bench {
  readonly #home: TransportHome;
  readonly #transports: Transport[] = [];

  constructor(home: TransportHome) {
    this.#home = home;
  }

  make(id: MemberId): Transport {
    const transport = this.#home.transport(id);
    this.#transports.push(transport);
    return transport;
  }

  async start(id: MemberId): Promise<Member> {
    const transport = this.make(id);
    const received: Message[] = [];
    await transport.start((message) => received.push(message));
    return { transport, received };
  }

  /** Members 1, 2 and 3, each connected to the others. */
  async trio(): Promise<[Member, Member, Member]> {
    const members: [Member, Member, Member] = [
      await this.start(1),
      await this.start(2),
      await this.start(3),
    ];
    await eventually('every member is connected to the others', () =>
      members.every(({ transport }) => transport.connected().length === 2),
    );
    return members;
  }

  async remove(): Promise<void> {
    for (const transport of this.#transports) await transport.close();
    await this.#home.remove();
  }
}

const LARGEST = Number.MAX_SAFE_INTEGER;

function entries(first: number, term: number, payloads: readonly Uint8Array[]): Entry[] {
  return payloads.map((data, i) => ({ index: first + i, term, type: EntryType.Command, data }));
}

function heartbeat(from: MemberId, to: MemberId, round: number): Message {
  return {
    type: 'heartbeat',
    heard: true,
    from,
    to,
    term: 1,
    commit: 0,
    commitTerm: 0,
    round,
    heldByAll: 0,
  };
}

function append(from: MemberId, to: MemberId, appended: readonly Entry[]): Message {
  const first = appended[0]?.index ?? 1;
  return {
    type: 'append',
    heard: true,
    from,
    to,
    term: 9,
    prevIndex: first - 1,
    prevTerm: first === 1 ? 0 : 1,
    commit: 0,
    entries: appended,
  };
}

/** One message of every type, with values at the ends of their ranges. */
function everyKind(from: MemberId, to: MemberId): Message[] {
  const head = { from, to, term: LARGEST };
  const none = { commit: 0, commitTerm: 0 };
  const all = { commit: LARGEST, commitTerm: LARGEST };
  const asked = { type: 'vote', ...head } as const;
  const longest = { lastIndex: LARGEST, lastTerm: LARGEST };
  const empty = { lastIndex: 0, lastTerm: 0 };
  const voted = { type: 'vote-response', ...head } as const;
  const accepted = { rejected: false, hintIndex: 0, hintTerm: 0, recovery: 0 };
  const peers = [{ member: 3, address: 'three:1' }];
  const rejected = { rejected: true, hintIndex: 2 ** 33, hintTerm: 7, recovery: 2 ** 48 };
  return [
    { ...asked, heard: true, preVote: true, transfer: false, ...longest, ...all },
    { ...asked, heard: false, preVote: false, transfer: true, ...empty, ...none },
    { ...voted, preVote: false, granted: true, commit: LARGEST, commitTerm: 1 },
    { ...voted, preVote: true, granted: false, ...none },
    append(from, to, []),
    append(from, to, [
      { index: 2 ** 40, term: 1, type: EntryType.Empty, data: Buffer.alloc(0) },
      { index: 2 ** 40 + 1, term: 9, type: EntryType.Command, data: Buffer.from([0, 255, 10]) },
      { index: 2 ** 40 + 2, term: 9, type: EntryType.Membership, data: Buffer.from('{}') },
    ]),
    { type: 'append-response', ...head, index: LARGEST, ...accepted },
    { type: 'append-response', ...head, index: 2 ** 32, ...rejected },
    { type: 'heartbeat', heard: true, ...head, ...all, round: LARGEST, heldByAll: 0 },
    { type: 'heartbeat-response', ...head, round: 0, recovery: LARGEST, priority: 3, ...all },
    { type: 'snapshot-offer', heard: true, ...head, index: LARGEST, indexTerm: LARGEST, peers },
    { type: 'snapshot-failed', ...head, index: LARGEST },
    { type: 'timeout-now', ...head },
    { type: 'read-index', ...head, context: LARGEST },
    { type: 'read-index-response', ...head, context: LARGEST, index: 0 },
    { type: 'recovered', ...head, recovery: 2 ** 48 },
  ];
}

/** For comparison: byte arrays of any class are equal when their bytes are. */
function comparable(message: Message): unknown {
  if (message.type !== 'append') return message;
  const plain = message.entries.map((e) => ({ ...e, data: Buffer.from(e.data).toString('hex') }));
  return { ...message, entries: plain };
}

/** Waits for `expected`, which is all that the member receives. */
async function assertReceives({ received }: Member, expected: readonly Message[]): Promise<void> {
  await eventually('all arrive', () => received.length >= expected.length);
  assert.deepEqual(received.map(comparable), expected.map(comparable));
}

function othersThan(id: MemberId): readonly MemberId[] {
  return [1, 2, 3].filter((other) => other !== id);
}

const cases: ComplianceBodies<Bench> = {
  'carries every kind of message unaltered': async (bench) => {
    const [one, two] = await bench.trio();
    const messages = everyKind(1, 2);
    one.transport.send(messages);
    await assertReceives(two, messages);
  },

  'keeps the order of messages to one member': async (bench) => {
    const [one, two] = await bench.trio();
    const heartbeats = Array.from({ length: 5_000 }, (_, round) => heartbeat(1, 2, round));
    for (const [i, message] of heartbeats.entries()) {
      one.transport.send([message]);
      // Some in one turn, some in the next.
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await assertReceives(two, heartbeats);
  },

  'delivers to whom a message is for, from all sides at once': async (bench) => {
    const members = await bench.trio();
    for (const [i, { transport }] of members.entries()) {
      const from = i + 1;
      transport.send(othersThan(from).map((to) => heartbeat(from, to, from)));
    }
    await eventually('all arrive', () => members.every((m) => m.received.length === 2));
    for (const [i, member] of members.entries()) {
      const to = i + 1;
      member.received.sort((a, b) => a.from - b.from);
      await assertReceives(
        member,
        othersThan(to).map((from) => heartbeat(from, to, from)),
      );
    }
  },

  'never delivers inside a call of send': async (bench) => {
    const [one, two] = await bench.trio();
    for (let round = 0; round < 10; round++) {
      const before = two.received.length;
      one.transport.send([heartbeat(1, 2, round)]);
      assert.equal(two.received.length, before);
      await eventually('it arrives', () => two.received.length > before);
    }
  },

  'carries appends of several mebibytes, in order with small messages': async (bench) => {
    const [one, two] = await bench.trio();
    const payloads = Array.from({ length: 6 }, (_, i) => Buffer.alloc(512 * 1024, i));
    const messages = [
      heartbeat(1, 2, 1),
      append(1, 2, entries(1, 9, payloads)),
      heartbeat(1, 2, 2),
      append(1, 2, entries(7, 9, payloads)),
      heartbeat(1, 2, 3),
    ];
    one.transport.send(messages);
    await assertReceives(two, messages);
  },

  'drops and counts messages to members that it can not reach': async (bench) => {
    const one = await bench.start(1);
    one.transport.send([heartbeat(1, 2, 0), heartbeat(1, 4, 0), heartbeat(1, 1, 0)]);
    assert.deepEqual(one.transport.connected(), []);
    assert.equal(one.transport.counters().messagesDropped, 3);
    assert.equal(one.transport.counters().messagesSent, 0);
    const two = await bench.start(2);
    await eventually('they connect', () => one.transport.connected().includes(2));
    one.transport.send([heartbeat(1, 2, 1)]);
    await assertReceives(two, [heartbeat(1, 2, 1)]);
    assert.equal(one.transport.counters().messagesDropped, 3);
  },

  'counts what is sent and received': async (bench) => {
    const [one, two] = await bench.trio();
    const messages = [heartbeat(1, 2, 1), heartbeat(1, 2, 2)];
    one.transport.send(messages);
    await assertReceives(two, messages);
    assert.equal(one.transport.counters().messagesSent, 2);
    assert.equal(two.transport.counters().messagesReceived, 2);
    assert.equal(two.transport.counters().connectionsRejected, 0);
  },

  'connects again to a member that was away': async (bench) => {
    const [one, two, three] = await bench.trio();
    await two.transport.close();
    await eventually('its absence is noticed', () => !one.transport.connected().includes(2));
    one.transport.send([heartbeat(1, 2, 1)]);
    assert.equal(one.transport.counters().messagesDropped, 1);
    const again = await bench.start(2);
    await eventually('all are connected again', () =>
      [one, again, three].every(({ transport }) => transport.connected().length === 2),
    );
    one.transport.send([heartbeat(1, 2, 2)]);
    again.transport.send([heartbeat(2, 3, 3)]);
    await assertReceives(again, [heartbeat(1, 2, 2)]);
    await assertReceives(three, [heartbeat(2, 3, 3)]);
    assert.deepEqual(two.received, []);
  },

  'refuses an address in use': async (bench) => {
    await bench.start(1);
    const unusable = (error: unknown) => isNetError(error, 'ADDRESS_UNUSABLE');
    await assert.rejects(bench.start(1), unusable);
  },

  'does nothing once closed, and can be closed again': async (bench) => {
    const [one, two] = await bench.trio();
    await one.transport.close();
    await one.transport.close();
    await one.transport[Symbol.asyncDispose]();
    one.transport.send([heartbeat(1, 2, 1)]);
    assert.equal(one.transport.counters().messagesDropped, 1);
    assert.deepEqual(one.transport.connected(), []);
    two.transport.send([heartbeat(2, 1, 1)]);
    await eventually('the others notice', () => !two.transport.connected().includes(1));
    assert.deepEqual(one.received, []);
    assert.deepEqual(two.received, []);
  },

  'delivers nothing after a close from within receive': async (bench) => {
    const one = await bench.start(1);
    const two = bench.make(2);
    let received = 0;
    let closed: Promise<void> | undefined;
    await two.start(() => {
      received++;
      closed ??= two.close();
    });
    await eventually('they connect', () => one.transport.connected().includes(2));
    one.transport.send(Array.from({ length: 10 }, (_, round) => heartbeat(1, 2, round)));
    await eventually('it was closed', () => closed !== undefined);
    await closed;
    assert.equal(received, 1);
  },

  'can be closed before it was started': async (bench) => {
    await bench.make(1).close();
  },
};
