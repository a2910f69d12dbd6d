/** Every code of a JepsenError. docs/errors.md says what each means and what to do. */
export type JepsenErrorCode =
  /** The operations contradict themselves or the model, before anything is searched. */
  | 'HISTORY_INVALID'
  /** A line of a log is not of the format that it was read as. */
  | 'LOG_INVALID'
  /** An option is out of its range. */
  | 'OPTIONS_INVALID';

/** The one error class of this package: match on `code`. */
export class JepsenError extends Error {
  override readonly name = 'JepsenError';
  readonly code: JepsenErrorCode;

  constructor(code: JepsenErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
