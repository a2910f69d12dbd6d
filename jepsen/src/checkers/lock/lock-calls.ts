import type { Json } from '../../histories/json.js';
import type { CallForm } from '../../histories/operations.js';

/**
 * Calls of locks that are granted with fencing tokens, and of what they guard. Locks are apart by `lock`.
 * - `acquire` does not wait: the lock is granted at once, or not. With `leaseMs` the grant ends by itself,
 *   not earlier than so long after the grant was asked for.
 * - `release` gives back what was granted with this token.
 * - `write` changes what the lock guards, in the name of this token: it must be refused once a write
 *   with a later token was accepted.
 */
export type LockInput = { readonly lock: string } & (
  | { readonly kind: 'acquire'; readonly leaseMs?: number }
  | { readonly kind: 'release'; readonly token: number }
  | { readonly kind: 'write'; readonly token: number }
);

/**
 * Of an acquire the token, higher than all before, or null where the lock was not granted; of a release
 * whether the lock was held with this token; of a write whether it was accepted.
 */
export type LockOutput = number | null | boolean;

export const lockCalls: CallForm<LockInput, LockOutput> = {
  input({ kind, lock, token, leaseMs }) {
    if (typeof lock !== 'string') return undefined;
    if (kind === 'acquire') {
      if (leaseMs === undefined) return { kind, lock };
      return typeof leaseMs === 'number' ? { kind, lock, leaseMs } : undefined;
    }
    if ((kind !== 'release' && kind !== 'write') || !isToken(token)) return undefined;
    return { kind, lock, token };
  },
  output({ kind }, answer) {
    if (kind === 'acquire') return answer === null || isToken(answer) ? answer : undefined;
    return typeof answer === 'boolean' ? answer : undefined;
  },
  isCommand: () => true,
};

function isToken(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
