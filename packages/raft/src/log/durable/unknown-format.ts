import { RaftError } from '../../errors.js';

/**
 * `what` is whole, and another version wrote it. This is no damage: what is taken for damaged may
 * be moved aside.
 */
export function unknownFormat(what: string, found: number, known: number): RaftError {
  return new RaftError(
    'LOG_FOREIGN',
    `${what} has format ${found}, this version reads ${known}. Start the version that wrote it, or name another directory.`,
    { details: { format: found } },
  );
}
