import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { WireValue } from '@raft-ts/net';
import { frameOf } from '@raft-ts/net/testing';
import { EntryType, type MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import { TcpTransport, type TcpTransportOptions } from './tcp-transport.js';
import type { TransportEvent } from './transport-event.js';

export const open: AsyncDisposable[] = [];
export const sockets: Socket[] = [];

/** To be called after each test. */
export async function closeAll(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const resource of open.splice(0)) await resource[Symbol.asyncDispose]();
}

export const nowhere = '127.0.0.1:9';
export const MAX_FRAME_BYTES = 1024 * 1024;

export async function member(id: MemberId, options: Partial<TcpTransportOptions> = {}) {
  const events: TransportEvent[] = [];
  const received: Message[] = [];
  const ended: MemberId[] = [];
  const transport = new TcpTransport({
    id,
    clusterId: 'test',
    address: '127.0.0.1:0',
    peers: new Map(),
    maxFrameBytes: MAX_FRAME_BYTES,
    // Strangers in these tests give no signs of life.
    trustedSilenceMs: 3_600_000,
    onEvent: (event) => events.push(event),
    ...options,
  });
  open.push(transport);
  await transport.start(
    (message) => received.push(message),
    (other) => ended.push(other),
  );
  return { transport, events, received, ended };
}

export function rejections(events: readonly TransportEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'rejected' ? [event.reason] : []));
}

export function heartbeat(from: MemberId, to: MemberId, round: number): Message {
  const head = { type: 'heartbeat', heard: true, from, to, term: 1 } as const;
  return { ...head, commit: 0, commitTerm: 0, round, heldByAll: 0 };
}

export function append(bytes: number): Message {
  const data = Buffer.alloc(bytes);
  const entries = [{ index: 1, term: 1, type: EntryType.Command, data }];
  return {
    type: 'append',
    heard: true,
    from: 1,
    to: 2,
    term: 1,
    prevIndex: 0,
    prevTerm: 0,
    commit: 0,
    entries,
  };
}

/** A connection that speaks no protocol by itself; errors of the socket are its end. */
export async function stranger(address: string): Promise<Socket> {
  const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

export function frame(value: WireValue): Buffer {
  return frameOf(value, MAX_FRAME_BYTES);
}
