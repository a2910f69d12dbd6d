import type { Json } from '../../../histories/json.js';
import type { CallForm } from '../../../histories/operations.js';
import type { RegisterInput, RegisterOutput, RegisterValue } from './register.js';

/**
 * Calls of registers: `read`, `write` with a `value`, and `compare-and-set` with `from` and `to`, each
 * of a `key` where there are several registers. A read is answered with the value, a
 * compare-and-set with whether it matched.
 */
export const registerCalls: CallForm<RegisterInput, RegisterOutput> = {
  input({ kind, key, value, from, to }) {
    const of = typeof key === 'string' ? { key } : {};
    if (kind === 'read') return { ...of, kind };
    if (kind === 'write' && isValue(value)) return { ...of, kind, value };
    if (kind === 'compare-and-set' && isValue(from) && isValue(to))
      return { ...of, kind, from, to };
    return undefined;
  },
  output({ kind }, answer) {
    if (kind === 'read') return isValue(answer) ? answer : undefined;
    if (kind === 'write') return null;
    return typeof answer === 'boolean' ? answer : undefined;
  },
  isCommand: ({ kind }) => kind !== 'read',
};

function isValue(value: Json | undefined): value is RegisterValue {
  return value === null || typeof value === 'string' || typeof value === 'number';
}
