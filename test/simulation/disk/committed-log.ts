import type { Clock } from '@raft-ts/net';
import type { Entry, HardState, LogWrite } from 'raft-ts';
import {
  checkLog,
  EMPTY_MARK,
  GroupCommit,
  LogDamage,
  LogTail,
  logEnds,
  MarkFile,
  type MarkStorage,
  newMarkFile,
  OutlineFile,
  Outlining,
  PackedWriteGroup,
  readEntries,
  type ScannedLog,
  WriteGroupPacker,
  writeFirstHardState,
} from 'raft-ts/testing';
import type { Random } from '../random.js';
import { LogFiles, type PowerLoss } from './log-files.js';

/** What a crash met, or left. */
export type CrashSight =
  | PowerLoss
  | 'crash with a mark lowered'
  | 'crash with a mark not raised'
  | 'crash behind all steps of a write';

export interface CommittedLogOptions {
  readonly random: Random;
  /** Bytes of a group of writes; small ones are written several at a time. */
  readonly groupBytes: number;
  /** Bytes of entries behind the outline until it is written anew. */
  readonly outlineBytes: number;
  readonly syncInBackground: MarkStorage['syncInBackground'];
  readonly onSight: (sight: CrashSight) => void;
  readonly onMarkFailure: (error: Error) => void;
}

/**
 * A log as the product keeps it: groups of writes, the mark, and what opening makes of both, over
 * virtual files. The steps of a write happen together when the disk is through with it, or up to
 * anyone when a crash comes before.
 */
export class CommittedLog {
  readonly #options: CommittedLogOptions;
  #files: LogFiles;
  #markFile: MarkFile | undefined;
  #commit: GroupCommit | undefined;
  #tail: LogTail | undefined;
  #outlining: Outlining | undefined;

  constructor(options: CommittedLogOptions) {
    this.#options = options;
    this.#files = new LogFiles(newMarkFile(), options.syncInBackground);
  }

  wipe(): void {
    this.#files = new LogFiles(newMarkFile(), this.#options.syncInBackground);
  }

  /** The files as they are, while nobody has them open. */
  copyFiles(): LogFiles {
    return this.#files.copy();
  }

  putBack(files: LogFiles): void {
    this.#files = files.copy();
  }

  /** Throws LogDamage. */
  open(clock: Pick<Clock, 'after'>): ScannedLog {
    const { rows, mark, outline } = this.#files;
    const outlineFile = new OutlineFile(outline);
    const markFile = MarkFile.open(mark, clock);
    if (markFile === undefined) throw new LogDamage('the mark is damaged');
    const checked = checkLog(rows, markFile, outlineFile);
    const { state } = checked;
    this.#markFile = markFile;
    this.#commit = new GroupCommit(rows, rows.batch(), markFile, outlineFile, state.base.index);
    this.#tail = new LogTail(state);
    this.#outlining = new Outlining(this.#options.outlineBytes, checked);
    return checked;
  }

  /** An empty log takes the place of this one, which remembers term and vote. */
  rebuild(recovery: number): HardState {
    const { term, votedFor } = MarkFile.open(this.#files.mark)?.mark ?? EMPTY_MARK;
    const mark = newMarkFile({ ...EMPTY_MARK, term, votedFor, recovery });
    const hardState = { term, votedFor, commit: 0, recovery };
    this.#files = new LogFiles(mark, this.#options.syncInBackground);
    writeFirstHardState(this.#files.rows.batch(), hardState);
    return hardState;
  }

  /** Begins to write: nothing of it is there yet. */
  begin(writes: readonly LogWrite[]): void {
    const [tail, commit, outlining] = [this.#tail, this.#commit, this.#outlining];
    if (tail === undefined || commit === undefined || outlining === undefined) {
      throw new Error('this log is not open');
    }
    const groups = packed(writes, tail, outlining, this.#options.groupBytes);
    this.#files.steps.record(() => commit.write(groups));
  }

  /** All that was begun is written. */
  through(): void {
    this.#files.steps.finish();
    this.#markFile?.syncSoon(this.#options.onMarkFailure);
  }

  /** Writing fails at some step, and is not tried again; true when the entries are there anyhow. */
  fail(rowsMayBeThere: boolean): boolean {
    const batch = this.#batchPlace();
    const count = this.#options.random.integer(0, batch + (rowsMayBeThere ? 1 : 0));
    this.#files.steps.finish(count);
    return count > batch;
  }

  /** The machine loses power. True when what was being written is there. */
  crash(writes: boolean): boolean {
    const { random, onSight } = this.#options;
    const { steps } = this.#files;
    const [batch, last] = [this.#batchPlace(), steps.waiting.length];
    // Marks are seldom lowered.
    const early = !writes || (batch > 0 && random.chance(0.5));
    const count = random.integer(0, early ? batch : last);
    steps.crash(count);
    if (count > 0 && count <= batch) onSight('crash with a mark lowered');
    if (last > 0 && count === batch + 1) onSight('crash with a mark not raised');
    if (last > 0 && count === last) onSight('crash behind all steps of a write');
    for (const loss of this.#files.losePower(random)) onSight(loss);
    this.#markFile = undefined;
    this.#commit = undefined;
    return last > 0 && count > batch;
  }

  #batchPlace(): number {
    return Math.max(
      0,
      this.#files.steps.waiting.findIndex(({ kind }) => kind === 'rows written'),
    );
  }

  /** Throws LogDamage. */
  read(first: number, last: number, maxBytes: number): readonly Entry[] {
    return readEntries(this.#files.rows, first, last, maxBytes);
  }

  /** Damage was met: whoever opens it next reads all of it. */
  foundDamaged(): void {
    this.#files.outline.remove();
  }

  damage(index: number): void {
    this.#files.rows.damage(index, this.#options.random);
  }

  /**
   * The disk has lost entries that it had reported as synced, and kept the mark that names them.
   * False when there are none behind `baseIndex`. Only while nobody has it open.
   */
  loseTail(baseIndex: number): boolean {
    const mark = MarkFile.open(this.#files.mark)?.mark ?? EMPTY_MARK;
    if (mark.lastIndex <= baseIndex) return false;
    this.#files.rows.cut(this.#options.random.integer(baseIndex + 1, mark.lastIndex));
    return true;
  }

  async close(): Promise<void> {
    await this.#markFile?.close();
  }
}

function packed(
  writes: readonly LogWrite[],
  tail: LogTail,
  outlining: Outlining,
  groupBytes: number,
): readonly PackedWriteGroup[] {
  const groups: PackedWriteGroup[] = [];
  let packer = new WriteGroupPacker(groupBytes);
  let ends = logEnds(tail);
  const seal = () => {
    packer.seal(ends);
    groups.push(new PackedWriteGroup(packer.memory));
  };
  for (const write of writes) {
    const change = tail.accept(write);
    const outline = outlining.after(write, change, tail);
    if (!packer.add(write, change, outline)) {
      seal();
      packer = new WriteGroupPacker(groupBytes);
      packer.add(write, change, outline);
    }
    ends = logEnds(tail);
  }
  seal();
  return groups;
}
