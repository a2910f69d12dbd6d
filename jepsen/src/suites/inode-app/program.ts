import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { MemberPlace } from '../../cluster/member.js';

/** What `node` is told to run. */
export const PROGRAM = join(
  dirname(createRequire(import.meta.url).resolve('inode-app/package.json')),
  'bin',
  'inode-app.js',
);

export function clientAddress({ clientAddresses }: MemberPlace): string {
  return clientAddresses.client ?? '';
}
