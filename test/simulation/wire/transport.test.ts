import { EntryType, type MemberId, type Message } from 'raft-ts';
import { describe, expect, it } from 'vitest';
import { Coverage } from '../coverage.js';
import { MachineClock } from '../machine-clock.js';
import { VirtualProcess } from '../process.js';
import { Random } from '../random.js';
import { VirtualTime } from '../time.js';
import { VirtualNetwork } from './network.js';
import { MessageExchange, VirtualTransport } from './transport.js';

function append(to: MemberId, data: Uint8Array): Message {
  const entries = [{ index: 1, term: 1, type: EntryType.Command, data }];
  return {
    type: 'append',
    heard: true,
    from: 1,
    to,
    term: 1,
    prevIndex: 0,
    prevTerm: 0,
    commit: 0,
    entries,
  };
}

async function cluster(maxPieces: number) {
  const time = new VirtualTime();
  const random = new Random(5);
  const options = { delayMs: 10, lateRate: 0 };
  const network = new VirtualNetwork(time, random.fork('network'), options, new Coverage());
  const faults: unknown[] = [];
  const ended: string[] = [];
  const exchange = new MessageExchange({
    network,
    time,
    random: random.fork('reconnect'),
    cutting: { maxPieces, random: random.fork('pieces'), onCut: () => {} },
    trustedSilenceMs: 400,
    onBelieved: () => {},
    onHeldUp: () => {},
    onSend: () => {},
    onReceive: () => {},
    onEnded: (member, other) => ended.push(`${member}: ${other}`),
    onFault: (error) => faults.push(error),
  });
  const received = new Map<MemberId, Message[]>();
  const start = async (id: MemberId) => {
    const process = new VirtualProcess(`${id}`, time, new MachineClock(time));
    network.attach(id, process);
    const transport = new VirtualTransport(id, process, exchange);
    const messages: Message[] = [];
    received.set(id, messages);
    await transport.start((message) => messages.push(message));
    return { process, transport };
  };
  const first = await start(1);
  const second = await start(2);
  await start(3);
  const pass = (ms: number) => time.run(time.nowMs + ms, () => false);
  const dataAt = (id: MemberId) =>
    (received.get(id) ?? []).map((message) =>
      message.type === 'append' ? message.entries[0]?.data : undefined,
    );
  return { network, first, second, start, received, dataAt, faults, ended, pass };
}

describe.each([1, 3])('members whose messages travel in at most %i pieces', (maxPieces) => {
  it('share nothing: what one changes of what it got, no other sees', async () => {
    const { network, first, dataAt, pass } = await cluster(maxPieces);
    // Each comes twice: in its place, and once more by itself.
    network.disturb({ duplication: 1, strayMs: 5 });
    const data = Buffer.from('entry');
    first.transport.send([append(2, data), append(3, data)]);
    await pass(1000);
    const [kept, changed] = dataAt(2);
    changed?.fill(0);
    expect(Buffer.from(kept ?? []).toString()).toBe('entry');
    for (const other of dataAt(3)) expect(Buffer.from(other ?? []).toString()).toBe('entry');
    expect(dataAt(3)).toHaveLength(2);
    expect(data.toString()).toBe('entry');
  });

  it('get every message once and in order, whatever goes out in one turn', async () => {
    const { first, received, faults, pass } = await cluster(maxPieces);
    const sent = Array.from({ length: 50 }, (_, i) => append(2, Buffer.from(`${i}`)));
    for (let at = 0; at < sent.length; at += 5) {
      first.transport.send(sent.slice(at, at + 2));
      first.transport.send(sent.slice(at + 2, at + 5));
      await pass(3);
    }
    await pass(1000);
    expect(received.get(2)).toEqual(sent);
    expect(faults).toEqual([]);
  });

  it('do not get what a cut has held up for long, and connect anew', async () => {
    const { network, first, dataAt, pass } = await cluster(maxPieces);
    const send = (text: string) => first.transport.send([append(2, Buffer.from(text))]);
    const texts = () => dataAt(2).map((data) => Buffer.from(data ?? []).toString());
    send('before');
    await pass(1000);
    const unblock = network.block(1, 2, 'hold');
    send('old');
    await pass(900);
    send('behind it');
    unblock();
    await pass(1000);
    expect(texts()).toEqual(['before']);
    send('after');
    const again = network.block(1, 2, 'hold');
    await pass(300);
    again();
    await pass(1000);
    expect(texts()).toEqual(['before', 'after']);
  });

  it('lose half a frame with the connection, or the process, that it came over', async () => {
    const { network, first, second, start, received, faults, pass } = await cluster(maxPieces);
    for (let round = 0; round < 100; round++) {
      first.transport.send([append(2, Buffer.from(`first ${round}`))]);
      await pass(round % 10);
      network.breakStreams(1, 2);
      await pass(600);
      first.transport.send([append(2, Buffer.from(`second ${round}`))]);
      await pass(2000);
    }
    first.transport.send([append(2, Buffer.from('to the one before'))]);
    await pass(5);
    second.process.end();
    network.lost(2);
    await pass(600);
    await start(2);
    first.transport.send([append(2, Buffer.from('to the next'))]);
    await pass(2000);
    expect(faults).toEqual([]);
    expect(received.get(2)).toEqual([append(2, Buffer.from('to the next'))]);
  });

  it('are told when a process ends that they were connected to, and of no other end', async () => {
    const { network, first, second, start, ended, pass } = await cluster(maxPieces);
    const send = async () => {
      first.transport.send([append(2, Buffer.from('x'))]);
      await pass(1000);
    };
    await send();
    network.breakStreams(1, 2);
    await pass(2000);
    await send();
    const mend = network.block(1, 2, 'drop');
    await send();
    await pass(2000);
    mend();
    await pass(2000);
    expect(ended).toEqual([]);
    await send();
    second.process.end();
    network.lost(2);
    await pass(2000);
    expect(ended).toEqual(['1: 2']);
    await start(2);
    await send();
    const allow = network.block(1, 2, 'refuse');
    network.breakStreams(1, 2);
    await pass(2000);
    allow();
    expect(ended).toEqual(['1: 2', '1: 2']);
  });
});
