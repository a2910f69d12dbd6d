import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../namespace/operations/operation-table.js';
import type { OperationResult } from '../../namespace/operations/result.js';
import { byteString, NO_BYTES } from '../../namespace/tree/byte-string.js';
import {
  COMMAND_OPERATIONS,
  COMMANDS_OUTSTANDING,
  OrderedCommands,
  Prerequisite,
  STEPS_WAITING,
} from './ordered-commands.js';

const attributes = {};

function mkdir(path: string): Operation {
  return { kind: 'mkdir', path: byteString(path), parents: false, attributes };
}

/** Carries commands out in an order of its own; refuses what has no parent. */
class Cluster {
  readonly made = new Set(['']);
  readonly refused: string[] = [];
  readonly sizes: number[] = [];
  outstanding = 0;
  mostOutstanding = 0;
  readonly #delays: () => number;

  constructor(delays: () => number) {
    this.#delays = delays;
  }

  readonly run = async (operations: readonly Operation[]): Promise<OperationResult[]> => {
    this.sizes.push(operations.length);
    this.outstanding += 1;
    this.mostOutstanding = Math.max(this.mostOutstanding, this.outstanding);
    const before = this.#delays();
    for (let turn = 0; turn < before; turn += 1) await new Promise(setImmediate);
    const results = operations.map((operation) => this.#apply(operation));
    const after = this.#delays();
    for (let turn = 0; turn < after; turn += 1) await new Promise(setImmediate);
    this.outstanding -= 1;
    return results;
  };

  #apply(operation: Operation): OperationResult {
    const path = operation.kind === 'mkdir' ? operation.path : NO_BYTES;
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (path.endsWith('!') || !this.made.has(parent)) {
      this.refused.push(path);
      return ['NOT_FOUND', path];
    }
    this.made.add(path);
    return 1;
  }
}

type Shape = readonly Shape[];
const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'medium' },
    fc.constant([]),
    fc.array(tie('shape'), { maxLength: 5 }),
  ),
}));

describe('OrderedCommands', () => {
  it('never carries out a step before what it needs, whatever overtakes what', async () => {
    const delays = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(shape, delays, async (tree, waits) => {
        let at = 0;
        const cluster = new Cluster(() => waits[at++ % waits.length] ?? 0);
        const commands = new OrderedCommands(cluster.run);
        let settled = 0;
        let added = 0;
        const add = async (shapes: Shape, path: string, needs: Prerequisite | undefined) => {
          for (const [number, inner] of shapes.entries()) {
            const meets = new Prerequisite();
            added += 1;
            commands.add({
              operations: [mkdir(`${path}/${number}`)],
              needs,
              meets,
              settled: () => {
                settled += 1;
              },
            });
            if (number % 2 === 1) await new Promise(setImmediate);
            await add(inner, `${path}/${number}`, meets);
          }
        };
        await add(tree, '', undefined);
        await commands.idle();
        expect(cluster.refused).toEqual([]);
        expect(settled).toBe(added);
        expect(cluster.made.size).toBe(added + 1);
      }),
    );
  });

  it('fills commands, sends several, and holds the rest back', async () => {
    const cluster = new Cluster(() => 2);
    const commands = new OrderedCommands(cluster.run);
    const steps = STEPS_WAITING + 10;
    let waited = 0;
    for (let number = 0; number < steps; number += 1) {
      const room = commands.room();
      if (room !== undefined) {
        waited += 1;
        await room;
      }
      commands.add({
        operations: [mkdir(`/${number}`)],
        needs: undefined,
        meets: undefined,
        settled: () => {},
      });
    }
    expect(waited).toBeGreaterThan(0);
    await commands.idle();
    expect(cluster.made.size).toBe(steps + 1);
    expect(cluster.mostOutstanding).toBe(COMMANDS_OUTSTANDING);
    expect(Math.max(...cluster.sizes)).toBe(COMMAND_OPERATIONS);
  });

  it('gives up what needs something that failed', async () => {
    const cluster = new Cluster(() => 0);
    const commands = new OrderedCommands(cluster.run);
    const outcomes: string[] = [];
    const failing = new Prerequisite();
    const below = new Prerequisite();
    const add = (path: string, needs: Prerequisite | undefined, meets: Prerequisite | undefined) =>
      commands.add({
        operations: [mkdir(path)],
        needs,
        meets,
        settled: (results) =>
          outcomes.push(`${path} ${results === undefined ? 'dropped' : 'answered'}`),
      });
    add('/other', undefined, undefined);
    add('/bad!', undefined, failing);
    await commands.idle();
    add('/bad!/a', failing, below);
    add('/bad!/a/b', below, undefined);
    await commands.idle();
    expect(outcomes.sort()).toEqual([
      '/bad! answered',
      '/bad!/a dropped',
      '/bad!/a/b dropped',
      '/other answered',
    ]);
  });

  it('ends with the error that a command ended with', async () => {
    const commands = new OrderedCommands(() => Promise.reject(new Error('no cluster')));
    commands.add({
      operations: [mkdir('/a')],
      needs: undefined,
      meets: undefined,
      settled: () => {},
    });
    await expect(commands.idle()).rejects.toThrow('no cluster');
    await expect(commands.room()).rejects.toThrow('no cluster');
  });
});
