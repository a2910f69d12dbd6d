import type { Entry } from '../core/log/entry.js';
import type { LogBase, LogState } from '../core/log/log-state.js';
import { TermRuns } from '../core/log/term-runs.js';
import { CommittedContradicted } from '../core/recovery/contradiction.js';
import type { Applier } from './applier.js';

/**
 * What the state machine holds already. Its log may have been lost, and is brought again: what is held
 * is not applied twice, and has to come from the same history.
 */
export class HeldState {
  #index: number;
  /** Of the entry at `index`; undefined where the state machine does not say it. */
  #term: number | undefined;

  constructor({ appliedIndex, appliedTerm }: Pick<Applier, 'appliedIndex' | 'appliedTerm'>) {
    this.#index = appliedIndex;
    this.#term = appliedTerm;
  }

  /** Throws CommittedContradicted. Of a log that has lost something only what it begins behind is committed. */
  checkLog(log: LogState): void {
    const { base, lastIndex, hardState } = log;
    const known = hardState.recovery === 0 ? lastIndex : base.index;
    if (this.#index < Math.max(base.index, 1) || this.#index > known) return;
    this.#check(TermRuns.of(log).termAt(this.#index));
  }

  /** Those of the committed `entries` that are to be applied. Throws CommittedContradicted. */
  fresh(entries: readonly Entry[]): readonly Entry[] {
    const [first] = entries;
    if (first === undefined || first.index > this.#index) return entries;
    const last = entries.find(({ index }) => index === this.#index);
    if (last !== undefined) this.#check(last.term);
    return entries.filter(({ index }) => index > this.#index);
  }

  /** Another state took its place. */
  installed({ index, term }: LogBase): void {
    this.#index = index;
    this.#term = term;
  }

  #check(term: number): void {
    if (this.#term === undefined || this.#term === term) return;
    throw new CommittedContradicted(
      `the state machine has applied an entry ${this.#index} of term ${this.#term}, and the log has one ` +
        `of term ${term} there: entries that were acknowledged are lost on most members, probably ` +
        'because an older copy of a data directory was put back on a member. This member has stopped ' +
        'and kept what it holds; docs/operate.md says how to go on',
    );
  }
}
