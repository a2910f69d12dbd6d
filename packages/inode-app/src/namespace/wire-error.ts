/**
 * A value from outside that has not the form it should have: not an operation that was refused,
 * but something that is no operation, query or answer at all. Its message says where.
 */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code = 'MALFORMED';
}
