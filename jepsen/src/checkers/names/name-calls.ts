import type { CallForm } from '../../histories/operations.js';

/** Calls by which names are taken, for good: only one of those who claim a name gets it. */
export type NameInput =
  | { readonly kind: 'claim'; readonly name: string }
  /** All names that are taken. Names that come meanwhile may be in it or not. */
  | { readonly kind: 'list' };

/** Of a claim whether it got the name: false where somebody else had it; of a list the names. */
export type NameOutput = boolean | readonly string[];

export const nameCalls: CallForm<NameInput, NameOutput> = {
  input({ kind, name }) {
    if (kind === 'list') return { kind };
    return kind === 'claim' && typeof name === 'string' ? { kind, name } : undefined;
  },
  output({ kind }, answer) {
    if (kind === 'claim') return typeof answer === 'boolean' ? answer : undefined;
    if (!Array.isArray(answer)) return undefined;
    const names: readonly unknown[] = answer;
    return names.every((name): name is string => typeof name === 'string') ? names : undefined;
  },
  isCommand: ({ kind }) => kind === 'claim',
};
