import type { Operation } from '../../histories/operation.js';

/** One call of a generated history. Histories are made of these, so that they shrink well. */
export interface Draft<Input> {
  readonly input: Input;
  /** How long before it takes effect it was called, and how long after that it returned. */
  readonly before: number;
  readonly after: number;
  /** hidden: it took effect, and nobody was told. lost: it never did, and nobody knows. */
  readonly fate: 'done' | 'hidden' | 'lost' | 'failed';
  /** Of one that nobody was told of: it is known that it had its effect by then, or never. */
  readonly isBounded: boolean;
}

/** Moments between two effects. */
const STEP = 10;

/**
 * The history of a system that does what it is told, one call after the other: linearizable,
 * however the calls overlap.
 *
 * @param apply does one call, and gives its output
 */
export function historyOf<Input, Output>(
  drafts: readonly Draft<Input>[],
  apply: (input: Input) => Output,
): Operation<Input, Output>[] {
  return drafts.map(({ input, before, after, fate, isBounded }, process) => {
    const moment = process * STEP;
    const invoked = { process, input, invokedAt: moment - before };
    const bound = isBounded ? { latestAt: moment + after } : {};
    if (fate === 'lost') return { ...invoked, ...bound, outcome: 'unknown' };
    if (fate === 'failed') return { ...invoked, outcome: 'failed' };
    const output = apply(input);
    if (fate === 'hidden') return { ...invoked, ...bound, outcome: 'unknown' };
    return { ...invoked, outcome: 'done', output, returnedAt: moment + after };
  });
}
