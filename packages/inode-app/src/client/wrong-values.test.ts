import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MachineClient } from '../cli/machine-client.test.support.js';
import { InodeAppError } from '../errors.js';
import { operationFromText } from '../namespace/operations/operation-table.js';
import { MemoryRows } from '../store/memory-rows.js';
import { NamespaceMachine } from '../store/namespace-machine.js';
import { ByteClient } from './byte-client.js';
import { readClusterStatus } from './cluster-status.js';
import { NamespaceClient } from './namespace-client.js';

/** A client as JavaScript sees it, which checks no types. */
type Untyped = Readonly<Record<string, (...values: readonly unknown[]) => unknown>>;

function untyped(client: NamespaceClient): Untyped {
  return client as unknown as Untyped;
}

let unhandled: unknown[] = [];
const note = (error: unknown) => {
  unhandled.push(error);
};

beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', note);
});

afterEach(async () => {
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

/** What a call ends with, whether it throws, rejects, or lists. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    const result = call();
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
      for await (const _ of result as AsyncIterable<unknown>);
    } else await result;
  } catch (error) {
    return error;
  }
  return undefined;
}

const METHODS = [
  'mkdir',
  'create',
  'symlink',
  'rename',
  'delete',
  'setAttribute',
  'batch',
  'getStatus',
  'getStatusById',
  'list',
  'mount',
  'unmount',
  'updateMount',
  'mounts',
  'locks',
  'sync',
  'location',
  'complete',
] as const;

/** Values of any kind, often nearly right ones. */
const value = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true }),
  fc.constantFrom<unknown>(
    '/a',
    undefined,
    null,
    Symbol('s'),
    () => 1,
    Number.NaN,
    1.5,
    -0,
    2 ** 53,
  ),
  fc.record(
    {
      kind: fc.constantFrom('mkdir', 'create', 'mount', 'reclaim', 'constructor', '__proto__', 7),
      path: fc.constantFrom<unknown>('/a', 5, null),
      target: fc.constantFrom<unknown>('x', 5),
      signal: fc.constantFrom<unknown>(new AbortController().signal, 5, null, {}),
      parents: fc.constantFrom<unknown>(true, 'yes', null),
      recursive: fc.constantFrom<unknown>(false, 0),
      after: fc.constantFrom<unknown>('a', 5, null),
      owner: fc.anything(),
      mode: fc.anything(),
      size: fc.anything(),
      fingerprint: fc.constantFrom<unknown>('"abc"', 5, null),
      profile: fc.constantFrom<unknown>('p', 5, null),
      readOnly: fc.constantFrom<unknown>(true, 'yes', null),
      force: fc.constantFrom<unknown>(true, 'yes', null),
      syncIntervalMs: fc.constantFrom<unknown>(-1, 0, 2 ** 40, 'inherit', Number.NaN, null),
      stale: fc.constantFrom<unknown>(true, 'yes', null),
      onProgress: fc.constantFrom<unknown>(() => 1, 5, null),
      options: fc.oneof(fc.anything(), fc.dictionary(fc.string(), fc.anything())),
      attributes: fc.oneof(fc.anything(), fc.record({ owner: fc.anything(), size: fc.anything() })),
    },
    { requiredKeys: [] },
  ),
);

describe('wrong values', () => {
  it('end every method with an InodeAppError, whatever they are', async () => {
    const client = new NamespaceClient({ addresses: ['127.0.0.1:1'] });
    // What is right so far ends with CLIENT_CLOSED, and nothing is sent.
    await client.close();
    const values = fc.array(fc.oneof(value, fc.array(value, { maxLength: 3 })), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...METHODS), values, async (method, given) => {
        const error = await errorOf(() => untyped(client)[method]?.call(client, ...given));
        expect(error).toBeInstanceOf(InodeAppError);
        expect(error).toMatchObject({ outcome: 'definite' });
      }),
      { numRuns: 3000 },
    );
  });

  it('end the constructor and the status with an InodeAppError', async () => {
    const options = fc.oneof(
      value,
      fc.record({ addresses: fc.oneof(value, fc.array(value)), timeoutMs: value, readFrom: value }),
    );
    await fc.assert(
      fc.asyncProperty(options, async (given) => {
        const make = () => Reflect.construct(NamespaceClient, [given]).close();
        const error = await errorOf(make);
        expect(error === undefined || error instanceof InodeAppError).toBe(true);
        const read = () => Reflect.apply(readClusterStatus, undefined, [given, 1, given]);
        expect(await errorOf(read)).toMatchObject({ code: 'ARGUMENT_INVALID' });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['owner', 1000, /owner must be text, not number/],
    ['group', null, /group must be text, not null/],
    ['owner', 'a\0b', /owner holds NUL/],
    ['mode', '755', /mode must be a number, not string/],
    ['size', 1n, /size must be a number, not bigint/],
    ['modifiedMs', new Date(0), /modifiedMs must be a number, not object/],
  ])('of attributes are named: %s %s', async (name, wrong, message) => {
    const client = new NamespaceClient({ addresses: ['127.0.0.1:1'] });
    await client.close();
    for (const call of [
      () => untyped(client).create?.call(client, '/a', { attributes: { [name]: wrong } }),
      () => untyped(client).setAttribute?.call(client, '/a', { [name]: wrong }),
    ]) {
      expect(await errorOf(call)).toMatchObject({
        code: 'ATTRIBUTE_INVALID',
        message: expect.stringMatching(message),
      });
    }
  });

  it.each([
    [{ mode: 1.5 }, 'mode must be a whole number from 0 to 4095, not 1.5'],
    [{ mode: 4096 }, 'mode must be a whole number from 0 to 4095, not 4096'],
    [{ size: Number.NaN }, 'size must be a whole number from 0 to 9007199254740991, not NaN'],
    [{ owner: '' }, 'owner must have 1 to 255 bytes, not 0'],
    [{ group: 'é'.repeat(128) }, 'group must have 1 to 255 bytes, not 256'],
    [{ accessedMs: 1e17 }, /accessedMs must be a whole number from -8640000000000000 to 8640/],
  ])('out of limits are named with the limit: %j', async (attributes, message) => {
    const machine = await NamespaceMachine.open({ rows: new MemoryRows() });
    await using client = new ByteClient(new MachineClient(machine));
    const operation = operationFromText({ kind: 'create', path: '/a', attributes });
    await expect(client.runOne(operation)).rejects.toMatchObject({
      code: 'ATTRIBUTE_INVALID',
      path: '/a',
      message: typeof message === 'string' ? `/a: ${message}` : expect.stringMatching(message),
    });
    const link = operationFromText({ kind: 'symlink', path: '/l', target: '' });
    await expect(client.runOne(link)).rejects.toThrow(
      '/l: target must have 1 to 4096 bytes, not 0',
    );
  });
});
