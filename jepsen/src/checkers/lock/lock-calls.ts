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
