import type { SnapshotRow } from 'raft-ts';
import type { ListCopy } from './list-store.js';

/*
 * A list's state as rows: 'i' the index that it was applied up to, and its entry's term, 'r...' a row of the framework, 't...' one
 * of the tree, 'v' and a number a value, with the hash of the list up to there.
 */

const INDEX_KEY = 'i';
const NUMBER_DIGITS = 8;

/** In the order of their keys. */
export function rowsOfList(copy: ListCopy): SnapshotRow[] {
  const { appliedIndex, appliedTerm, values, hashes, rows, tree } = copy;
  const texts: (readonly [key: string, value: Uint8Array])[] = [
    [INDEX_KEY, Buffer.from(`${appliedIndex} ${appliedTerm ?? ''}`)],
    ...[...rows].map(([key, value]) => [`r${key}`, Buffer.from(value)] as const),
    ...tree.map(([key, value]) => [`t${key}`, Buffer.from(value, 'latin1')] as const),
    ...values.map(
      (value, i) =>
        [
          `v${`${i}`.padStart(NUMBER_DIGITS, '0')}`,
          Buffer.from(`${hashes[i + 1]} ${value}`, 'latin1'),
        ] as const,
    ),
  ];
  return texts
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key: Buffer.from(key, 'latin1'), value }));
}

/** What rowsOfList made, in whatever form. */
export function listOfRows(given: Iterable<readonly [key: string, value: string]>): ListCopy {
  let appliedIndex = 0;
  let appliedTerm: number | undefined;
  const values: string[] = [];
  const hashes = [0];
  const rows = new Map<string, Uint8Array>();
  const tree: (readonly [key: string, value: string])[] = [];
  for (const [key, value] of given) {
    const rest = key.slice(1);
    if (key === INDEX_KEY) {
      const [index, term] = value.split(' ');
      appliedIndex = Number(index);
      appliedTerm = term === '' ? undefined : Number(term);
    } else if (key[0] === 'r') rows.set(rest, Buffer.from(value, 'latin1'));
    else if (key[0] === 't') tree.push([rest, value]);
    else {
      const space = value.indexOf(' ');
      hashes.push(Number(value.slice(0, space)));
      values.push(value.slice(space + 1));
    }
  }
  return { appliedIndex, appliedTerm, values, hashes, rows, tree };
}
