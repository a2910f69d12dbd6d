import { entryKey } from './layout.js';
import type { LogRowBatch, LogRows } from './log-rows.js';
import { type Mark, marksEqual } from './mark.js';
import type { MarkFile } from './mark-file.js';
import type { OutlineFile } from './outline-file.js';
import type { PackedWriteGroup, WriteGroupSummary } from './packed-write-group.js';

/** Writes write groups to the log and keeps the mark in step. Runs in the writing thread. */
export class GroupCommit {
  readonly #rows: Pick<LogRows, 'deleteRange'>;
  readonly #batch: LogRowBatch;
  readonly #markFile: Pick<MarkFile, 'mark' | 'write' | 'sync'>;
  readonly #outlineFile: Pick<OutlineFile, 'write'>;
  /** Entries up to here have been removed, or their removal is on its way to the disk. */
  #removedTo: number;

  constructor(
    rows: Pick<LogRows, 'deleteRange'>,
    batch: LogRowBatch,
    markFile: Pick<MarkFile, 'mark' | 'write' | 'sync'>,
    outlineFile: Pick<OutlineFile, 'write'>,
    baseIndex: number,
  ) {
    this.#rows = rows;
    this.#batch = batch;
    this.#markFile = markFile;
    this.#outlineFile = outlineFile;
    this.#removedTo = baseIndex;
  }

  /**
   * Makes `groups` durable with one batch and one fsync. The order of steps is what counts: the
   * mark never says more than the log holds, and says a new term or vote before anybody hears.
   */
  write(groups: readonly PackedWriteGroup[]): void {
    const last = groups.at(-1)?.summary;
    if (last === undefined) return;
    this.#lowerMark(groups, last);
    for (const group of groups) group.copyTo(this.#batch);
    this.#batch.write({ sync: true });
    this.#batch.clear();
    this.#raiseMark(last);
    this.#removeUpTo(last.baseIndex);
    const outline = groups.findLast((group) => group.outline !== undefined)?.outline;
    if (outline !== undefined) this.#outlineFile.write(outline);
  }

  /**
   * A mark above entries that are about to be replaced would call the new log damaged, as would
   * one that still asks for a recovery that is over.
   */
  #lowerMark(groups: readonly PackedWriteGroup[], last: WriteGroupSummary): void {
    const lowest = groups.reduce<WriteGroupSummary | undefined>((found, { summary }) => {
      if (summary.replacedFrom === 0) return found;
      return found === undefined || summary.replacedFrom < found.replacedFrom ? summary : found;
    }, undefined);
    const { mark } = this.#markFile;
    const recovery = mark.recovery === last.recovery ? mark.recovery : 0;
    const replaces = lowest !== undefined && lowest.replacedFrom <= mark.lastIndex;
    const end = replaces
      ? { lastIndex: lowest.replacedFrom - 1, lastTerm: lowest.termBefore }
      : undefined;
    const lowered = { ...mark, recovery, ...end };
    if (marksEqual(lowered, mark)) return;
    this.#markFile.write(lowered);
    this.#markFile.sync();
  }

  #raiseMark({ term, votedFor, recovery, lastIndex, lastTerm }: WriteGroupSummary): void {
    const { mark } = this.#markFile;
    const raised: Mark = { term, votedFor, recovery, lastIndex, lastTerm };
    this.#markFile.write(raised);
    // A vote that is forgotten can be given twice; a forgotten entry is missed only if the log
    // is damaged too, so its sync need not be waited for.
    const same = term === mark.term && votedFor === mark.votedFor && recovery === mark.recovery;
    if (!same) this.#markFile.sync();
  }

  /**
   * Removes what the base stands in for: all of it at once, whatever it is, and without a wait
   * for the disk. What a crash leaves counts for nothing, and goes when the log is opened.
   */
  #removeUpTo(baseIndex: number): void {
    if (baseIndex <= this.#removedTo) return;
    this.#rows.deleteRange(entryKey(this.#removedTo + 1), entryKey(baseIndex + 1));
    this.#removedTo = baseIndex;
  }
}
