/** Every code of a NetError. docs/errors.md says what each means and what to do. */
export type NetErrorCode =
  | 'OPTIONS_INVALID'
  | 'ADDRESS_UNUSABLE'
  | 'MESSAGE_INVALID'
  | 'RPC_FAILED'
  | 'RPC_DISCONNECTED'
  | 'RPC_NOT_SENT'
  | 'RPC_TOO_LARGE';

export interface NetErrorOptions {
  readonly cause?: unknown;
  /** More for programs; what it holds depends on the code. */
  readonly details?: unknown;
}

/** The one error class of this package: match on `code`, which never changes its meaning. */
export class NetError extends Error {
  override readonly name = 'NetError';
  readonly code: NetErrorCode;
  readonly details: unknown;

  constructor(code: NetErrorCode, message: string, options: NetErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
  }
}
