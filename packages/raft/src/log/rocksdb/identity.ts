import { join } from 'node:path';
import type { MemberId } from '../../core/log/entry.js';
import { RaftError } from '../../errors.js';
import { unknownFormat } from '../durable/unknown-format.js';
import { FileDamaged, type FileRecord, readRecord, writeRecord } from './durable-file.js';

/**
 * Of the whole data directory. Raised when anything in it changes in a way that older versions
 * can't read: they refuse it before they look at the rest.
 */
export const DIRECTORY_FORMAT = 3;

/** Whose data a directory holds. */
export interface Identity {
  readonly clusterId: string;
  readonly memberId: MemberId;
}

export const IDENTITY_NAME = 'identity';

/**
 * Whether `directory` was initialized; LOG_FOREIGN when that was for another cluster, member or
 * format, LOG_CORRUPT when the file is damaged.
 */
export async function checkIdentity(directory: string, expected: Identity): Promise<boolean> {
  const found = await readIdentity(directory);
  if (found === undefined) return false;
  if (found.clusterId === expected.clusterId && found.memberId === expected.memberId) return true;
  throw new RaftError(
    'LOG_FOREIGN',
    `${directory} belongs to member ${found.memberId} of cluster "${found.clusterId}", not to ` +
      `member ${expected.memberId} of "${expected.clusterId}". Choose another data directory.`,
    { details: found },
  );
}

/** Undefined when `directory` was not initialized; LOG_FOREIGN for another format, LOG_CORRUPT when it is damaged. */
export async function readIdentity(directory: string): Promise<Identity | undefined> {
  const record = await readRecord(join(directory, IDENTITY_NAME)).catch((error: unknown) => {
    throw error instanceof FileDamaged ? identityLost(directory, 'is damaged', error) : error;
  });
  if (record === undefined) return undefined;
  if (typeof record.format === 'number' && record.format !== DIRECTORY_FORMAT) {
    throw unknownFormat(directory, record.format, DIRECTORY_FORMAT);
  }
  const found = identityOf(record);
  if (found === undefined) throw identityLost(directory, 'is damaged');
  return found;
}

function identityOf({ clusterId, memberId }: FileRecord): Identity | undefined {
  if (typeof clusterId !== 'string' || typeof memberId !== 'number') return undefined;
  return { clusterId, memberId };
}

/** Nobody knows whose data `directory` holds. */
export function identityLost(directory: string, how: string, cause?: unknown): RaftError {
  return new RaftError(
    'LOG_CORRUPT',
    `${join(directory, IDENTITY_NAME)}, which says whose data this is, ${how}. Put it back as it was, or ` +
      'rebuild this member from the others.',
    { cause },
  );
}

/** From here on `directory` belongs to `identity`. Durable when it resolves. */
export async function writeIdentity(directory: string, identity: Identity): Promise<void> {
  const { clusterId, memberId } = identity;
  await writeRecord(directory, IDENTITY_NAME, { format: DIRECTORY_FORMAT, clusterId, memberId });
}
