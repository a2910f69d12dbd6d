/** The kind of the nemesis's call of `CompareMembersInput`. */
export const COMPARE_MEMBERS = 'compare-members';

/**
 * The call by which the nemesis process has all members compared once everything is healed and nobody
 * writes any more. It is answered with what differs, a sentence each: nothing where all agree.
 */
export type CompareMembersInput = { readonly kind: typeof COMPARE_MEMBERS };

/** Empty where they agree. */
export type CompareMembersOutput = readonly string[];
