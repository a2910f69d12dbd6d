import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MemberId } from '../../core/log/entry.js';
import { RaftError } from '../../errors.js';
import { writeDurably } from './durable-file.js';
import { hasCode } from './file-error.js';

/** Raised when the layout of a data directory changes in a way that older versions can't read. */
export const FORMAT_VERSION = 2;

/** Whose data a directory holds. */
export interface Identity {
  readonly clusterId: string;
  readonly memberId: MemberId;
}

const FILE_NAME = 'identity';

/**
 * Whether `directory` was initialized; LOG_FOREIGN when that was for another cluster, member or
 * format, LOG_CORRUPT when the file makes no sense.
 */
export async function checkIdentity(directory: string, expected: Identity): Promise<boolean> {
  const path = join(directory, FILE_NAME);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
  const found = parseIdentity(text);
  if (found === undefined) {
    throw new RaftError(
      'LOG_CORRUPT',
      `${path} is damaged. Put it back as it was, or rebuild this member from the others.`,
    );
  }
  checkOwner(path, found, expected);
  return true;
}

function checkOwner(
  path: string,
  found: Identity & { readonly formatVersion: number },
  expected: Identity,
): void {
  if (found.formatVersion !== FORMAT_VERSION) {
    throw new RaftError(
      'LOG_FOREIGN',
      `${path} has format ${found.formatVersion}, this version reads ${FORMAT_VERSION}. ` +
        'Start the version that wrote it.',
    );
  }
  if (found.clusterId === expected.clusterId && found.memberId === expected.memberId) return;
  throw new RaftError(
    'LOG_FOREIGN',
    `${dirname(path)} belongs to member ${found.memberId} of cluster "${found.clusterId}", not to ` +
      `member ${expected.memberId} of "${expected.clusterId}". Choose another data directory.`,
    { details: found },
  );
}

/** Undefined for anything that `writeIdentity` would not write. */
export function parseIdentity(
  text: string,
): (Identity & { readonly formatVersion: number }) | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { formatVersion, clusterId, memberId } = value as Record<string, unknown>;
  if (typeof formatVersion !== 'number' || typeof clusterId !== 'string') return undefined;
  return typeof memberId === 'number' ? { formatVersion, clusterId, memberId } : undefined;
}

/** From here on `directory` belongs to `identity`. Durable when it resolves. */
export async function writeIdentity(directory: string, identity: Identity): Promise<void> {
  const content = { formatVersion: FORMAT_VERSION, ...identity };
  await writeDurably(directory, FILE_NAME, Buffer.from(`${JSON.stringify(content)}\n`));
}
