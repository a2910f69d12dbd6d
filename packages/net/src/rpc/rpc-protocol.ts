import type { Protocol } from '../channel/greeting-line.js';
import { NetError, type RpcFailure } from '../errors.js';
import type { WireValue } from '../wire/wire-value.js';

export const rpcProtocol: Protocol = { name: 'raft-ts-rpc', version: 2 };

/** The text of a client's greeting; behind it, with a blank, the name that it may give. */
export const RPC_HELLO = 'hello';

/** How a client greets. */
export function encodeHello(name: string | undefined): string {
  return name === undefined ? RPC_HELLO : `${RPC_HELLO} ${name}`;
}

/** The name in a greeting, if it gives one. Throws MESSAGE_INVALID for what is no greeting. */
export function decodeHello(text: string): string | undefined {
  if (text === RPC_HELLO) return undefined;
  if (text.startsWith(`${RPC_HELLO} `)) return text.slice(RPC_HELLO.length + 1);
  throw new NetError('MESSAGE_INVALID', 'an unknown greeting');
}

const MAX_METHOD = 0xffff;

/** One request as it travels: `[id, method, body]`. */
export interface RequestFrame {
  readonly id: number;
  readonly method: number;
  readonly body: WireValue;
}

/** One answer: `[id, 0, result]` or `[id, 1, code, message, details]`. */
export type ResponseFrame =
  | { readonly id: number; readonly result: WireValue }
  | { readonly id: number; readonly failure: RpcFailure };

const SUCCEEDED = 0;
const FAILED = 1;

export function encodeRequest(id: number, method: number, body: WireValue): WireValue {
  return [id, method, body];
}

export function decodeRequest(value: WireValue): RequestFrame {
  if (!Array.isArray(value) || value.length !== 3) throw invalid('a request is no triple');
  const [id, method, body]: readonly WireValue[] = value;
  if (!isWhole(id, Number.MAX_SAFE_INTEGER)) throw invalid('the id of a request');
  if (!isWhole(method, MAX_METHOD)) throw invalid('the method of a request');
  return { id, method, body };
}

export function encodeResult(id: number, result: WireValue): WireValue {
  return [id, SUCCEEDED, result];
}

export function encodeFailure(id: number, failure: RpcFailure): WireValue {
  return [id, FAILED, failure.code, failure.message, failure.details ?? null];
}

/** The id of a failure that is about the whole connection, and its end: no request has it. */
export const CONNECTION_ID = 0;

export function decodeResponse(value: WireValue): ResponseFrame {
  if (!Array.isArray(value)) throw invalid('an answer is no array');
  const fields: readonly WireValue[] = value;
  const [id, status] = fields;
  if (!isWhole(id, Number.MAX_SAFE_INTEGER)) throw invalid('the id of an answer');
  if (status === SUCCEEDED && fields.length === 3) return { id, result: fields[2] };
  if (status === FAILED && fields.length === 5) {
    const [, , code, message, details] = fields;
    if (typeof code === 'string' && typeof message === 'string') {
      return {
        id,
        failure: details === null ? { code, message } : { code, message, details },
      };
    }
  }
  throw invalid('an answer is neither a result nor a failure');
}

function isWhole(value: WireValue, max: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max;
}

function invalid(what: string): NetError {
  return new NetError('MESSAGE_INVALID', `not understood: ${what}`);
}
