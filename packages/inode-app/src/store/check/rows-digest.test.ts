import { expect, it } from 'vitest';
import { RowKind } from '../row-keys.js';
import { RowsDigest } from './rows-digest.js';

const digestOf = (...rows: readonly (readonly number[])[]) => {
  const digest = new RowsDigest();
  for (const [kind = 0, value = 0] of rows) digest.add(Buffer.of(kind, 1), Buffer.of(value));
  return digest.end();
};

it('the digest of a tree is the same however its commits are divided, and another for another tree', () => {
  const inode = [RowKind.Inode, 1];
  expect(digestOf(inode, [RowKind.Commits, 5])).toBe(digestOf(inode, [RowKind.Commits, 6]));
  expect(digestOf([RowKind.Inode, 2])).not.toBe(digestOf(inode));
});
