import type { Operation } from '../../histories/operation.js';
import type { KeyValueInput, KeyValueOutput } from './models/key-value.js';

type KeyValueOperation = Operation<KeyValueInput, KeyValueOutput>;

/**
 * A history of one key without an order, which takes long to refute if there are many values: each
 * is put twice and got once by processes that all overlap, and after that two gets differ.
 */
export function hardHistory(key: string, values: number): readonly KeyValueOperation[] {
  const history: KeyValueOperation[] = [];
  const add = (input: KeyValueInput, output: KeyValueOutput, invokedAt: number) => {
    const process = history.length;
    const returnedAt = invokedAt + 10;
    history.push({ process, input, outcome: 'done', output, invokedAt, returnedAt });
  };
  for (let i = 0; i < values; i++) {
    const value = `value ${i}`;
    add({ kind: 'put', key, value }, null, 0);
    add({ kind: 'put', key, value }, null, 0);
    add({ kind: 'get', key }, value, 0);
  }
  add({ kind: 'get', key }, 'value 0', 20);
  add({ kind: 'get', key }, 'value 1', 40);
  return history;
}
