/** What a member says of who leads. */
export interface LeaderAnswer {
  readonly leads: boolean;
  readonly term: number;
  readonly address: string | undefined;
  /** Where those who take part are reached, by whoever leads. */
  readonly members: readonly string[];
}

/** What makes no sense counts as knowing nothing. */
export function parseLeaderAnswer(answer: unknown): LeaderAnswer {
  const [leads, term, , address, members]: readonly unknown[] = Array.isArray(answer) ? answer : [];
  return {
    leads: leads === true,
    term: typeof term === 'number' ? term : 0,
    address: typeof address === 'string' ? address : undefined,
    members: Array.isArray(members) ? members.filter((member) => typeof member === 'string') : [],
  };
}
