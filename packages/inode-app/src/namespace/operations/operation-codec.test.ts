import fc from 'fast-check';
import { Packr, Unpackr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { arbitraryCommand } from '../../store/testing/arbitrary-command.js';
import { encodeQuery, parseAnswer, parseQuery } from '../queries/query-codec.js';
import { NO_ATTRIBUTES } from '../tree/attributes.js';
import { WireError } from '../wire-error.js';
import type { Operation } from './operation.js';
import { encodeCommand, encodeOperation, parseCommand, parseResults } from './operation-codec.js';

describe('commands on the wire', () => {
  it('come back as they were, through MessagePack', () => {
    const packr = new Packr();
    const unpackr = new Unpackr();
    fc.assert(
      fc.property(arbitraryCommand, (command) => {
        const wire: unknown = unpackr.unpack(packr.pack(encodeCommand(command)));
        expect(parseCommand(wire)).toEqual(command);
      }),
    );
  });

  const attributes = { ...NO_ATTRIBUTES, owner: 'ann', size: 5 };
  const layouts: readonly (readonly [Operation, readonly unknown[]])[] = [
    [
      { kind: 'mkdir', path: '/a', parents: true, attributes },
      [1, '/a', true, [null, 'ann', null, 5]],
    ],
    [{ kind: 'create', path: '/a', attributes: NO_ATTRIBUTES }, [2, '/a', []]],
    [{ kind: 'symlink', path: '/a', target: 'b', attributes: NO_ATTRIBUTES }, [3, '/a', 'b', []]],
    [{ kind: 'rename', source: '/a', destination: '/b' }, [4, '/a', '/b']],
    [{ kind: 'delete', path: '/a', recursive: false }, [5, '/a', false]],
    [{ kind: 'setAttribute', path: '/a', attributes }, [6, '/a', [null, 'ann', null, 5]]],
    [{ kind: 'reclaim', maxEntries: 9 }, [7, 9]],
  ];
  it.each(layouts)('%j has the form that the log keeps', (operation, wire) => {
    expect(encodeOperation(operation)).toEqual(wire);
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
  it.each([
    [{ kind: 'getStatus', path: '/a' } as const, [1, '/a']],
    [{ kind: 'list', path: '/', after: 'b', limit: 10 } as const, [2, '/', 'b', 10]],
    [{ kind: 'getStatusById', id: 7 } as const, [3, 7]],
  ])('%j', (query, wire) => {
    expect(encodeQuery(query)).toEqual(wire);
    expect(parseQuery(wire)).toEqual(query);
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

  it('answers are what the query asked for, or a refusal', () => {
    const status = [7, 1, 0o644, 'ann', 'staff', 5, 10, 11, ''];
    const inode = {
      id: 7,
      type: 1,
      mode: 0o644,
      owner: 'ann',
      group: 'staff',
      size: 5,
      modifiedMs: 10,
      accessedMs: 11,
      target: '',
    };
    const list = { kind: 'list', path: '/', after: '', limit: 2 } as const;
    expect(parseAnswer({ kind: 'getStatus', path: '/a' }, [status])).toEqual({
      kind: 'status',
      inode,
    });
    expect(parseAnswer({ kind: 'getStatusById', id: 7 }, [status, '/a'])).toEqual({
      kind: 'located',
      inode,
      path: '/a',
    });
    expect(parseAnswer(list, [[['a', status]], true])).toEqual({
      kind: 'page',
      entries: [{ name: 'a', inode }],
      more: true,
    });
    expect(parseAnswer(list, ['NOT_FOUND', '/'])).toEqual({
      kind: 'refused',
      code: 'NOT_FOUND',
      path: '/',
    });
    expect(() => parseAnswer(list, [status])).toThrow(WireError);
    expect(() =>
      parseAnswer({ kind: 'getStatus', path: '/a' }, [[7, 3, 0, 'a', 'b', 0, 0, 0, '']]),
    ).toThrow(WireError);
  });
});
