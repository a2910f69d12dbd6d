import type { RocksBatch } from '../../rocksdb/batch.js';
import type { GroupReader, GroupSummary } from './group.js';
import type { Mark } from './mark.js';
import type { MarkFile } from './mark-file.js';

/** Writes groups to the log and keeps the mark in step. Runs in the writing thread. */
export class GroupCommit {
  readonly #batch: Pick<RocksBatch, 'put' | 'delete' | 'write' | 'clear'>;
  readonly #markFile: Pick<MarkFile, 'mark' | 'write' | 'sync'>;

  constructor(
    batch: Pick<RocksBatch, 'put' | 'delete' | 'write' | 'clear'>,
    markFile: Pick<MarkFile, 'mark' | 'write' | 'sync'>,
  ) {
    this.#batch = batch;
    this.#markFile = markFile;
  }

  /**
   * Makes `groups` durable with one batch and one fsync. The order of steps is what counts: the
   * mark never says more than the log holds, and says a new term or vote before anybody hears.
   */
  write(groups: readonly GroupReader[]): void {
    const last = groups.at(-1)?.summary;
    if (last === undefined) return;
    this.#lowerMark(groups);
    for (const group of groups) group.copyTo(this.#batch);
    this.#batch.write({ sync: true });
    this.#batch.clear();
    this.#raiseMark(last);
  }

  /** A mark above entries that are about to be replaced would call the new log damaged. */
  #lowerMark(groups: readonly GroupReader[]): void {
    const lowest = groups.reduce<GroupSummary | undefined>((found, { summary }) => {
      if (summary.replacedFrom === 0) return found;
      return found === undefined || summary.replacedFrom < found.replacedFrom ? summary : found;
    }, undefined);
    const { mark } = this.#markFile;
    if (lowest === undefined || lowest.replacedFrom > mark.lastIndex) return;
    const lowered = { lastIndex: lowest.replacedFrom - 1, lastTerm: lowest.termBefore };
    this.#markFile.write({ ...mark, ...lowered });
    this.#markFile.sync();
  }

  #raiseMark({ term, votedFor, lastIndex, lastTerm }: GroupSummary): void {
    const { mark } = this.#markFile;
    this.#markFile.write({ term, votedFor, lastIndex, lastTerm } satisfies Mark);
    // A vote that is forgotten can be given twice; a forgotten entry is missed only if the log
    // is damaged too, so its sync need not be waited for.
    if (term !== mark.term || votedFor !== mark.votedFor) this.#markFile.sync();
  }
}
