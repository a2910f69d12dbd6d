import { type OptionsForm, wholeNumber } from '../options/index.js';

/** What bounds the memory of RPC connections. */
export interface RpcLimits {
  /** Bytes of one frame. 8 MiB by default. */
  readonly maxFrameBytes: number;
  /**
   * Requests of one connection being handled; then nothing more is read from it until half are
   * answered. Those that came in the same chunk still are handled. 4,096 by default. Leave it above what a client
   * has on its way: else its question whether this side still serves waits behind the rest.
   */
  readonly maxInflightRequests: number;
  /** Requests of one client's connection without an answer. 65,536 by default. */
  readonly maxPendingRequests: number;
  /** Bytes that wait to be taken by the other side of one connection. 32 MiB by default. */
  readonly maxQueuedBytes: number;
  /**
   * Bytes of the requests being handled, over all connections of a server; further ones are
   * answered with OVERLOADED, and not carried out. 128 MiB by default.
   */
  readonly maxInflightBytes: number;
}

export const defaultRpcLimits: RpcLimits = {
  maxFrameBytes: 8 * 1024 * 1024,
  maxInflightRequests: 4_096,
  maxPendingRequests: 65_536,
  maxQueuedBytes: 32 * 1024 * 1024,
  maxInflightBytes: 128 * 1024 * 1024,
};

export const rpcLimitsForm: OptionsForm<Partial<RpcLimits>, RpcLimits> = {
  fields: {
    maxFrameBytes: wholeNumber(1),
    maxInflightRequests: wholeNumber(1),
    maxPendingRequests: wholeNumber(1),
    maxQueuedBytes: wholeNumber(1),
    maxInflightBytes: wholeNumber(1),
  },
  defaults: defaultRpcLimits,
};
