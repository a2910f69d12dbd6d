/** What a member says of who leads. */
export interface LeaderAnswer {
  readonly leads: boolean;
  readonly term: number;
  readonly address: string | undefined;
}

/** What makes no sense counts as knowing nothing. */
export function parseLeaderAnswer(answer: unknown): LeaderAnswer {
  if (!Array.isArray(answer)) return { leads: false, term: 0, address: undefined };
  const [leads, term, , address]: readonly unknown[] = answer;
  return {
    leads: leads === true,
    term: typeof term === 'number' ? term : 0,
    address: typeof address === 'string' ? address : undefined,
  };
}
