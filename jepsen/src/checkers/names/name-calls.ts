/** Calls by which names are taken, for good: only one of those who claim a name gets it. */
export type NameInput =
  | { readonly kind: 'claim'; readonly name: string }
  /** All names that are taken. Names that come meanwhile may be in it or not. */
  | { readonly kind: 'list' };

/** Of a claim whether it got the name: false where somebody else had it; of a list the names. */
export type NameOutput = boolean | readonly string[];
