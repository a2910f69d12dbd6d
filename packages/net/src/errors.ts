import type { CodedErrorArguments, WithCode } from './coded-error.js';
import type { WireValue } from './wire/wire-value.js';

/** Every code of a NetError. docs/errors.md says what each means and what to do. */
export type NetErrorCode =
  | 'OPTIONS_INVALID'
  | 'ADDRESS_UNUSABLE'
  | 'MESSAGE_INVALID'
  | 'RPC_FAILED'
  | 'RPC_DISCONNECTED'
  | 'RPC_NOT_SENT'
  | 'RPC_OVERLOADED'
  | 'RPC_TOO_LARGE'
  | 'HTTP_FAILED'
  | 'HTTP_TOO_LARGE';

/** What a caller is told when its request fails at the other side. */
export interface RpcFailure {
  /** Stable, such as NOT_LEADER. */
  readonly code: string;
  readonly message: string;
  /** More for programs, such as the leader's address. */
  readonly details?: WireValue;
}

/** What errors carry in `details`, by their code; those of other codes carry nothing. */
export interface NetErrorDetails {
  readonly RPC_FAILED: RpcFailure;
}

/** The one error class of this package: match on `code`, which never changes its meaning. */
export class NetError extends Error {
  override readonly name = 'NetError';
  readonly code: NetErrorCode;
  readonly details: NetErrorDetails[keyof NetErrorDetails] | undefined;

  constructor(...[code, message, options]: CodedErrorArguments<NetErrorCode, NetErrorDetails>) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options !== undefined && 'details' in options ? options.details : undefined;
  }
}

/** Whether `error` is a NetError with this code; its `details` have their type then. */
export function isNetError<Code extends NetErrorCode>(
  error: unknown,
  code: Code,
): error is WithCode<NetError, Code, NetErrorDetails> {
  return error instanceof NetError && error.code === code;
}

/** Options that do not fit, in the words of `completeOptions`. */
export function optionsInvalid(message: string): NetError {
  return new NetError('OPTIONS_INVALID', message);
}
