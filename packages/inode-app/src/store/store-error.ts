/**
 * ROW_CORRUPT: a row cannot be read. FORMAT_UNKNOWN: the store was written by a version of this
 * program that keeps it in another way.
 */
export type StoreErrorCode = 'ROW_CORRUPT' | 'FORMAT_UNKNOWN';

/** The inode store cannot go on; the member that has it must stop. Match on `code`. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
