import { fuzzValues } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import type { NamespaceQuery } from '../operations/operation.js';
import { type Inode, InodeType } from '../tree/inode.js';
import { WireError } from '../wire-error.js';
import {
  encodeQuery,
  encodeStatus,
  type ParsedAnswer,
  parseAnswer,
  parseQuery,
} from './query-codec.js';

const isRefusal = (error: unknown) => error instanceof WireError;

const queries: readonly NamespaceQuery[] = [
  { kind: 'getStatus', path: '/a/\xff' },
  { kind: 'list', path: '/', after: 'a', limit: 2 },
  { kind: 'getStatusById', id: 7 },
];

const inode: Inode = {
  id: 7,
  type: InodeType.SymbolicLink,
  mode: 0o777,
  owner: 'ann',
  group: 'staff',
  size: 0,
  modifiedMs: 1.7e12,
  accessedMs: -5,
  target: '../b',
};
const status = encodeStatus(inode);

it('queries', async () => {
  const report = await fuzzValues({
    name: 'queries',
    corpus: queries.map(encodeQuery),
    decode: parseQuery,
    isRefusal,
    check: (decoded) => {
      const query = decoded as NamespaceQuery;
      expect(parseQuery(encodeQuery(query))).toEqual(query);
    },
  });
  console.log(report.line);
});

it.each([
  ['status-answers', 0, [[status], ['NOT_FOUND', '/a']]],
  [
    'list-answers',
    1,
    [
      [
        [
          ['a', status],
          ['b', status],
        ],
        true,
      ],
      [[], false],
    ],
  ],
  [
    'located-answers',
    2,
    [
      [status, '/a/b'],
      ['NOT_FOUND', ''],
    ],
  ],
] as const)('%s', async (name, query, corpus) => {
  const report = await fuzzValues({
    name,
    corpus,
    decode: (value) => parseAnswer(queries[query] as NamespaceQuery, value),
    isRefusal,
    check: (decoded) => {
      const answer = decoded as ParsedAnswer;
      if (answer.kind === 'page') expect(answer.entries.length).toBeLessThanOrEqual(2);
    },
  });
  console.log(report.line);
});
