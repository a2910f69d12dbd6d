import { milliseconds, type OptionsForm, wholeNumber } from '@raft-ts/net/options';

/** What bounds the memory and the patience of a TcpTransport. */
export interface TcpLimits {
  /** Bytes of one frame; above what the core sends in one append. 32 MiB by default. */
  readonly maxFrameBytes: number;
  /** Bytes that wait to be taken by one member; messages beyond it are dropped. 64 MiB by default. */
  readonly maxQueuedBytes: number;
  /**
   * Bytes of frames of which only a beginning has arrived, over all connections: whose frame has
   * not got on for the longest is closed. 96 MiB by default.
   */
  readonly maxIncompleteBytes: number;
  /** Milliseconds in which a frame has to arrive whole. 30,000 by default. */
  readonly frameTimeoutMs: number;
  /**
   * Incoming connections that have not greeted; where there are more, the first is closed. 64 by
   * default.
   */
  readonly maxUngreeted: number;
  /** Connections from members whose address is not known; further ones are refused. 16 by default. */
  readonly maxUnknownMembers: number;
  /** Milliseconds to connect and be welcomed, and for others to greet. 5,000 by default. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between the signs of life that each connection carries. 100 by default. */
  readonly keepAliveMs: number;
  /** Signs of life missing in a row after which a connection is given up. 30 by default. */
  readonly maxSilentIntervals: number;
  /**
   * What a connection brings after so many milliseconds without any sign of life was held up on the
   * way: it is not believed, and the connection is opened anew. At most an election timeout, so that
   * nobody follows old heartbeats of a leader that has stepped down since, and several times
   * `keepAliveMs`, which is the same on each member. 400 by default.
   */
  readonly trustedSilenceMs: number;
}

export const defaultTcpLimits: TcpLimits = {
  maxFrameBytes: 32 * 1024 * 1024,
  maxQueuedBytes: 64 * 1024 * 1024,
  maxIncompleteBytes: 96 * 1024 * 1024,
  frameTimeoutMs: 30_000,
  maxUngreeted: 64,
  maxUnknownMembers: 16,
  connectTimeoutMs: 5_000,
  keepAliveMs: 100,
  maxSilentIntervals: 30,
  trustedSilenceMs: 400,
};

export const tcpLimitsForm: OptionsForm<Partial<TcpLimits>, TcpLimits> = {
  fields: {
    maxFrameBytes: wholeNumber(1),
    maxQueuedBytes: wholeNumber(1),
    maxIncompleteBytes: wholeNumber(1),
    frameTimeoutMs: milliseconds,
    maxUngreeted: wholeNumber(1),
    maxUnknownMembers: wholeNumber(1),
    connectTimeoutMs: milliseconds,
    keepAliveMs: milliseconds,
    maxSilentIntervals: wholeNumber(1),
    trustedSilenceMs: milliseconds,
  },
  defaults: defaultTcpLimits,
};

/** How many signs of life may be missing before something is held for old: they come in no step. */
export function trustedSilentIntervals({ trustedSilenceMs, keepAliveMs }: TcpLimits): number {
  return Math.max(Math.ceil(trustedSilenceMs / keepAliveMs), MIN_TRUSTED_INTERVALS);
}

const MIN_TRUSTED_INTERVALS = 2;
