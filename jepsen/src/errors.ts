/** Every code of a JepsenError. docs/errors.md says what each means and what to do. */
export type JepsenErrorCode =
  /** The operations contradict themselves or the model, before anything is searched. */
  | 'HISTORY_INVALID'
  /** A line of a log is not of the format that it was read as. */
  | 'LOG_INVALID'
  /** An option is out of its range. */
  | 'OPTIONS_INVALID'
  /** A member of the cluster under test does not start, or what keeps it can't be had. */
  | 'CLUSTER_FAILED'
  /** This machine or this cluster can't have the fault. */
  | 'NEMESIS_UNAVAILABLE'
  /** What is to be tested is not installed on this machine. */
  | 'SYSTEM_UNAVAILABLE'
  /** A test's directory can't be written or read, or is none. */
  | 'STORE_FAILED';

/** The one error class of this package: match on `code`. */
export class JepsenError extends Error {
  override readonly name = 'JepsenError';
  readonly code: JepsenErrorCode;

  constructor(code: JepsenErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
