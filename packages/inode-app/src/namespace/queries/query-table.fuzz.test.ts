import { fuzzValues } from '@raft-ts/fuzz';
import { expect, it } from 'vitest';
import { byteString } from '../tree/byte-string.js';
import { isFailure } from '../tree/failure.js';
import { type Inode, InodeType } from '../tree/inode.js';
import { encodeStatus } from '../tree/status-codec.js';
import { WireError } from '../wire-fields.js';
import { encodeQuery, type NamespaceQuery, parseAnswer, parseQuery } from './query-table.js';

const isRefusal = (error: unknown) => error instanceof WireError;

const queries: readonly NamespaceQuery[] = [
  { kind: 'getStatus', path: byteString('/a/\xff') },
  { kind: 'list', path: byteString('/'), after: byteString('a'), limit: 2 },
  { kind: 'getStatusById', id: 7 },
];

const inode: Inode = {
  id: 7,
  type: InodeType.SymbolicLink,
  mode: 0o777,
  owner: byteString('ann'),
  group: byteString('staff'),
  size: 0,
  modifiedMs: 1.7e12,
  accessedMs: -5,
  target: byteString('../b'),
  mounted: undefined,
};
const status = encodeStatus(inode);

it('queries', async () => {
  const report = await fuzzValues({
    name: 'queries',
    corpus: queries.map((query) => encodeQuery(query)),
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
      const answer = decoded as ReturnType<typeof parseAnswer>;
      if (isFailure(answer) || !('more' in answer)) return;
      expect(answer.entries.length).toBeLessThanOrEqual(2);
    },
  });
  console.log(report.line);
});
