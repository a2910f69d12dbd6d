import { decodeValue, encodeValue, type WireValue } from '@raft-ts/net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryCommand, OPERATION_MODELS } from '../store/testing/operation-models.js';
import { encodeCommand, parseCommand } from './operations/command-codec.js';
import { parseResults } from './operations/result.js';
import {
  encodeQuery,
  type NamespaceQuery,
  parseAnswer,
  parseQuery,
} from './queries/query-table.js';
import { encodeAttributes, parseAttributes } from './tree/attribute-codec.js';
import { type NewAttributes, NO_ATTRIBUTES } from './tree/attributes.js';
import { byteString, NO_BYTES } from './tree/byte-string.js';
import { failure } from './tree/failure.js';
import { ATTRIBUTE_FIELDS, INODE_FIELDS, type Inode, InodeType } from './tree/inode.js';
import { encodeStatus, parseStatus } from './tree/status-codec.js';
import { WireError } from './wire-fields.js';

const hex = (value: WireValue) => Buffer.from(encodeValue(value)).toString('hex');
const fromHex = (bytes: string) => decodeValue(Buffer.from(bytes, 'hex'));

describe('commands on the wire', () => {
  it('come back as they were, through MessagePack', () => {
    fc.assert(
      fc.property(arbitraryCommand, (command) => {
        const wire = decodeValue(encodeValue(encodeCommand(command)));
        expect(parseCommand(wire)).toEqual(command);
      }),
    );
  });

  it.each(Object.entries(OPERATION_MODELS))('%s has the bytes that the log keeps', (_, model) => {
    const [operation, bytes] = model.golden;
    expect(hex(encodeCommand([operation]))).toBe(bytes);
    expect(parseCommand(fromHex(bytes))).toEqual([operation]);
  });

  const malformed: readonly unknown[] = [
    undefined,
    null,
    {},
    'x',
    [],
    [[]],
    [[1]],
    [[0, '/a']],
    [[8, '/a']],
    [['1', '/a', true, []]],
    [[1, '/a', 1, []]],
    [[1, '/a', true]],
    [[2, '/a', [], 1]],
    [[2, 5, []]],
    [[2, '/\u0100', []]],
    [[2, '/a', {}]],
    [[2, '/a', ['7']]],
    [[2, '/a', [5n]]],
    [[2, '/a', [null, 5]]],
    [[2, '/a', [1, 'a', 'b', 1, 1, 1, 1]]],
    [[3, '/a', null, []]],
    [[4, '/a', undefined]],
    [[5, '/a', 0]],
    [[7, 0]],
    [[7, 1001]],
    [[7, 1.5]],
    [[7, '5']],
    Array.from({ length: 1025 }, () => [2, '/a', []]),
  ];
  it.each(malformed.map((value) => [value]))('refuses what is none as a whole: %#', (value) => {
    expect(() => parseCommand(value)).toThrow(WireError);
  });

  it('throws nothing but WireError for any value', () => {
    const hostile = fc.oneof(
      fc.anything(),
      fc.array(fc.array(fc.oneof(fc.integer({ min: 0, max: 8 }), fc.anything()))),
    );
    fc.assert(
      fc.property(hostile, (value) => {
        for (const parse of [parseCommand, parseQuery]) {
          try {
            parse(value);
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('results are ids and refusals, as many as operations', () => {
    expect(parseResults([5, ['NOT_FOUND', '/a']], 2)).toEqual([5, ['NOT_FOUND', '/a']]);
    for (const value of [[5], [5, 6, 7], [5, -1], [5, 'x'], [5, ['NOT_FOUND']], [5, [1, '/a']]]) {
      expect(() => parseResults(value, 2)).toThrow(WireError);
    }
  });
});

describe('queries on the wire', () => {
  const path = byteString('/a/\xff');
  const goldens: readonly (readonly [NamespaceQuery, bytes: string])[] = [
    [{ kind: 'getStatus', path }, '9201a52f612fc3bf'],
    [{ kind: 'list', path, after: byteString('b'), limit: 10 }, '9402a52f612fc3bfa1620a'],
    [{ kind: 'getStatusById', id: 2 ** 40 }, '9203cb4270000000000000'],
  ];
  it.each(goldens)('%j', (query, bytes) => {
    expect(hex(encodeQuery(query))).toBe(bytes);
    expect(parseQuery(fromHex(bytes))).toEqual(query);
  });

  it.each(
    [
      [1],
      [1, 5],
      [2, '/', '', 0],
      [2, '/', '', 1001],
      [2, '/', 'x'.repeat(256), 1],
      [2, '/', '\u0100', 1],
      [3, 0],
      [3, 1.5],
      [3, 2 ** 53],
      [4, '/'],
    ].map((value) => [value]),
  )('refuses %j', (value) => {
    expect(() => parseQuery(value)).toThrow(WireError);
  });
});

describe('answers on the wire', () => {
  const inode: Inode = {
    id: 7,
    type: InodeType.SymbolicLink,
    mode: 0o755,
    owner: byteString('ann'),
    group: byteString('staff'),
    size: 5,
    modifiedMs: 1_700_000_000_000,
    accessedMs: -1,
    target: byteString('../b\xff'),
    mounted: undefined,
  };
  const path = byteString('/a');
  const list: NamespaceQuery = { kind: 'list', path, after: NO_BYTES, limit: 2 };
  const goldens: readonly (readonly [NamespaceQuery, wire: WireValue, found: unknown, string])[] = [
    [
      { kind: 'getStatus', path },
      [encodeStatus(inode)],
      inode,
      '91990702cd01eda3616e6ea5737461666605cb4278bcfe56800000ffa62e2e2f62c3bf',
    ],
    [
      { kind: 'getStatusById', id: 7 },
      [encodeStatus(inode), path],
      { inode, path },
      '92990702cd01eda3616e6ea5737461666605cb4278bcfe56800000ffa62e2e2f62c3bfa22f61',
    ],
    [
      list,
      [[['a', encodeStatus(inode)]], true],
      { entries: [{ name: 'a', inode }], more: true },
      '929192a161990702cd01eda3616e6ea5737461666605cb4278bcfe56800000ffa62e2e2f62c3bfc3',
    ],
    [list, failure('NOT_FOUND', path), ['NOT_FOUND', '/a'], '92a94e4f545f464f554e44a22f61'],
  ];
  it.each(goldens)('%j', (query, wire, found, bytes) => {
    expect(hex(wire)).toBe(bytes);
    expect(parseAnswer(query, fromHex(bytes))).toEqual(found);
    expect(() => parseAnswer(query, [])).toThrow(WireError);
    expect(() => parseAnswer(query, [encodeStatus(inode), path, 1])).toThrow(WireError);
  });

  it('are none of another query', () => {
    expect(() => parseAnswer(list, [encodeStatus(inode)])).toThrow(WireError);
    expect(() => parseAnswer({ kind: 'getStatus', path }, [[], false])).toThrow(WireError);
    const tooMany = Array.from({ length: 3 }, () => ['a', encodeStatus(inode)]);
    expect(() => parseAnswer(list, [tooMany, false])).toThrow(WireError);
  });

  it('hold every field of an inode, in the order of the list', () => {
    const plain = INODE_FIELDS.filter((field) => field !== 'mounted');
    expect(encodeStatus(inode)).toEqual(plain.map((field) => inode[field]));
    const mounted = { mount: 5, complete: true, fingerprint: byteString('e') };
    const wire = encodeStatus({ ...inode, mounted });
    expect(wire).toEqual([...encodeStatus(inode), [5, true, 'e']]);
    expect(parseStatus(wire)).toEqual({ ...inode, mounted });
    expect(Object.keys(parseStatus(encodeStatus(inode)))).toEqual([...INODE_FIELDS]);
  });

  it('attributes hold every field that can be given, in the order of the list', () => {
    for (const [position, field] of ATTRIBUTE_FIELDS.entries()) {
      const attributes: NewAttributes = { ...NO_ATTRIBUTES, [field]: inode[field] };
      const wire = encodeAttributes(attributes);
      expect(wire).toEqual([...Array.from({ length: position }, () => null), inode[field]]);
      expect(parseAttributes(wire)).toEqual(attributes);
    }
  });
});
