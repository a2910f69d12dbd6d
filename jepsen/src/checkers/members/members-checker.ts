import { callsOf } from '../../histories/call.js';
import { NEMESIS } from '../../histories/history-event.js';
import type { Json } from '../../histories/json.js';
import type { Checker } from '../checker.js';
import { linearTimeChecker } from '../violations.js';
import { COMPARE_MEMBERS } from './member-calls.js';

/** Differences that are told. */
const MAX_LINES = 20;

/**
 * Judges what all members hold in the end, as the last comparison in the history found it; see
 * `CompareMembersInput`.
 *
 * Proves as much as the database's own comparison compares. Without a comparison it proves nothing, and
 * its figures say so.
 */
export const membersChecker: Checker = linearTimeChecker(
  'members agree',
  'once all is healed, all members hold the same',
  ({ events }, violations) => {
    const comparisons = callsOf(events).filter(
      ({ invoke: { process, input } }) => process === NEMESIS && input.kind === COMPARE_MEMBERS,
    );
    const last = comparisons.at(-1);
    if (last === undefined) return { comparisons: 0 };
    const { invoke, end } = last;
    const at = violations.moment((end ?? invoke).index);
    if (end?.type === 'ok') {
      const differences = textsOf(end.output);
      if (differences.length > 0) {
        const told = differences.slice(0, MAX_LINES);
        violations.add([`Members differ at ${at}, after all was healed.`, ...told], [invoke.index]);
      }
    } else {
      const why = end === undefined ? 'it never ended' : end.error.message;
      violations.leaveOpen([`Members could not be compared at ${at}: ${why}`], [invoke.index]);
    }
    return { comparisons: comparisons.length };
  },
);

/** An answer that is no list is a difference that can't be read. */
function textsOf(output: Json): readonly string[] {
  const differences: readonly Json[] = Array.isArray(output) ? output : [output];
  return differences.map((difference) =>
    typeof difference === 'string' ? difference : JSON.stringify(difference),
  );
}
