import type { Socket } from 'node:net';
import { NetError } from '../errors.js';
import type { FrameChannelEvents } from './frame-channel.js';
import { FramedSocket, type FramedSocketOptions } from './framed-socket.js';
import { parseRefusal } from './greeting-line.js';

/** The text of the line with which a side that was greeted takes the connection on. */
export const WELCOME = 'welcome';

interface HandshakeOptions extends Omit<FramedSocketOptions, 'greeted'> {
  /** Milliseconds for the other side's line to arrive. */
  readonly timeoutMs: number;
  /** It came to nothing: called once, a NetError when that is for what the other side sent. */
  readonly failed: (error: Error) => void;
}

export interface OpeningOptions extends HandshakeOptions {
  /** The text of this side's line. */
  readonly hello: string;
  readonly welcomed: (channel: FramedSocket) => FrameChannelEvents;
}

/** Greets over a connection that is being made, and waits to be welcomed. */
export function openChannel(socket: Socket, options: OpeningOptions): FramedSocket {
  const { hello, timeoutMs, welcomed } = options;
  const channel: FramedSocket = shakeHands(socket, options, {
    greeted: (text) => {
      if (text !== WELCOME) throw parseRefusal(text);
      return welcomed(channel);
    },
    late: () => channel.destroy(new Error(`no answer within ${timeoutMs} ms`)),
  });
  channel.greet(hello);
  return channel;
}

export interface AcceptingOptions extends HandshakeOptions {
  /** The other side's line says `text`. Throwing refuses it, and tells it why. */
  readonly greeted: (text: string, channel: FramedSocket) => FrameChannelEvents;
}

/** Waits to be greeted over a connection that was accepted, and welcomes who greets well. */
export function acceptChannel(socket: Socket, options: AcceptingOptions): FramedSocket {
  const { timeoutMs, greeted } = options;
  const channel: FramedSocket = shakeHands(socket, options, {
    greeted: (text) => {
      const events = greeted(text, channel);
      channel.greet(WELCOME);
      return events;
    },
    late: () =>
      channel.refuse(new NetError('MESSAGE_INVALID', `no greeting within ${timeoutMs} ms`)),
  });
  return channel;
}

interface Side extends Pick<FramedSocketOptions, 'greeted'> {
  readonly late: () => void;
}

function shakeHands(socket: Socket, options: HandshakeOptions, side: Side): FramedSocket {
  const { timeoutMs, failed } = options;
  const timer = setTimeout(side.late, timeoutMs);
  return new FramedSocket(socket, {
    ...options,
    greeted: (text) => {
      clearTimeout(timer);
      return side.greeted(text);
    },
    failed: (error) => {
      clearTimeout(timer);
      failed(error);
    },
  });
}

/** What can be told that it is not taken in. */
export interface Refusable {
  refuse(error: Error): void;
}

/**
 * Refuses the first of those who have not greeted while there are more than `maxUngreeted`, in the
 * order in which they came: who means to speak does so at once, and is let in behind any number
 * of those who only knock.
 */
export function refuseFirst(ungreeted: Set<Refusable>, maxUngreeted: number): void {
  for (const channel of ungreeted) {
    if (ungreeted.size <= maxUngreeted) return;
    ungreeted.delete(channel);
    const reason = `${maxUngreeted} connections that came later have not greeted either`;
    channel.refuse(new NetError('RPC_OVERLOADED', reason));
  }
}
