import type { CallForm } from '../../../histories/operations.js';
import type { KeyValueInput, KeyValueOutput } from './key-value.js';

/**
 * Calls of texts under keys: `get`, `put` and `append`, each with a `key` and the latter two with a
 * `value`. A get is answered with the text, or null where there is none.
 */
export const keyValueCalls: CallForm<KeyValueInput, KeyValueOutput> = {
  input({ kind, key, value }) {
    if (typeof key !== 'string') return undefined;
    if (kind === 'get') return { kind, key };
    if ((kind !== 'put' && kind !== 'append') || typeof value !== 'string') return undefined;
    return { kind, key, value };
  },
  output({ kind }, answer) {
    if (kind !== 'get') return null;
    if (answer === null) return '';
    return typeof answer === 'string' ? answer : undefined;
  },
  isCommand: ({ kind }) => kind !== 'get',
};
