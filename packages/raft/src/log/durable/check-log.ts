import type { HardState } from '../../core/log/entry.js';
import type { LogBase, LogState } from '../../core/log/log-state.js';
import { TermRuns } from '../../core/log/term-runs.js';
import { entryKey } from './layout.js';
import { LogDamage } from './log-damage.js';
import type { LogRows } from './log-rows.js';
import { type Mark, marksEqual } from './mark.js';
import type { MarkFile } from './mark-file.js';
import type { OutlineFile } from './outline-file.js';
import { type ScannedLog, scanBehind } from './scan.js';

/**
 * Reads the log behind its outline, holds it against the mark and brings the mark up to it: what was
 * found now counts as acknowledged. Throws LogDamage for a log that is damaged or lacks anything
 * that was: the store may have cut off a tail that it took for torn.
 */
export function checkLog(
  rows: LogRows,
  markFile: Pick<MarkFile, 'mark' | 'write' | 'sync'>,
  outlineFile: Pick<OutlineFile, 'read'>,
): ScannedLog {
  const scanned = scanBehind(outlineFile.read(), rows);
  const { state } = scanned;
  checkAgainstMark(state, markFile.mark);
  removeBelowBase(rows, state.base);
  const mark = markOf(state);
  if (!marksEqual(mark, markFile.mark)) {
    markFile.write(mark);
    markFile.sync();
  }
  return scanned;
}

/** Throws LogDamage where the log lacks anything that was acknowledged. */
export function checkAgainstMark(state: LogState, mark: Mark): void {
  checkEntries(state, mark);
  checkHardState(state.hardState, mark);
}

/**
 * Removes entries below the base, which a crash may have left. Whether there are any is not looked
 * up: finding the first row behind many deleted ones takes long, deleting again does not.
 */
function removeBelowBase(rows: LogRows, base: LogBase): void {
  if (base.index > 0) rows.deleteRange(entryKey(0), entryKey(base.index + 1));
}

/** What the base stands in for is there, whatever the mark says of it. */
function checkEntries(state: LogState, mark: Mark): void {
  const { base, lastIndex } = state;
  if (mark.lastIndex < base.index) return;
  if (lastIndex < mark.lastIndex) {
    throw new LogDamage(
      `the log ends at entry ${lastIndex}, but entries up to ${mark.lastIndex} were acknowledged`,
    );
  }
  const term = TermRuns.of(state).termAt(mark.lastIndex);
  if (term !== mark.lastTerm) {
    throw new LogDamage(
      `entry ${mark.lastIndex} has term ${term}, but it was acknowledged with term ${mark.lastTerm}`,
    );
  }
}

function checkHardState(hardState: HardState, mark: Mark): void {
  if (hardState.term < mark.term) {
    throw new LogDamage(`the hard state has term ${hardState.term}, but ${mark.term} was reached`);
  }
  const voteLost = mark.votedFor !== 0 && hardState.votedFor !== mark.votedFor;
  if (hardState.term === mark.term && voteLost) {
    throw new LogDamage(
      `the hard state has a vote for member ${hardState.votedFor} in term ${mark.term}, ` +
        `but member ${mark.votedFor} got it`,
    );
  }
  if (mark.recovery !== 0 && hardState.recovery !== mark.recovery) {
    throw new LogDamage('the hard state does not ask for the recovery that the log began with');
  }
}

/** The mark for all that `state` holds. */
function markOf(state: LogState): Mark {
  const { term, votedFor, recovery } = state.hardState;
  const { lastIndex } = state;
  const lastTerm = TermRuns.of(state).termAt(lastIndex);
  return { term, votedFor, recovery, lastIndex, lastTerm };
}
