import { join } from 'node:path';
import { Command } from 'commander';
import { backUp } from 'raft-ts';
import { argumentInvalid } from '../../errors.js';
import type { TreeReport } from '../../store/check/tree-check.js';
import { argumentTimeout } from '../arguments.js';
import { addConnectionOptions, type ConnectionOptions } from '../connection-options.js';
import { ExitCode } from '../exit-code.js';
import { count, counted } from '../load/load-summary.js';
import { Output } from '../output.js';
import { reporting } from '../report.js';
import { checkTree } from './check-tree.js';
import { findState } from './find-state.js';
import { interruptible, type LongWork } from './interruptible.js';
import { pullText } from './pull-text.js';
import { Scratch } from './scratch.js';
import { lookedAt, stateError } from './state-error.js';
import { isFilePath, readDirectoryRows, readFileRows, readTreeManifest } from './tree-rows.js';

const TIMEOUT_SECONDS = 10;

interface FsckOptions extends ConnectionOptions {
  readonly from?: string;
  readonly scratch?: string;
}

/** `inode-app fsck`. */
export function fsckCommand(): Command {
  return addConnectionOptions(new Command('fsck'), TIMEOUT_SECONDS)
    .description('check that a tree is sound: of a stopped member, a backup or a running member')
    .argument('[path]', "a backup, or a stopped member's data directory")
    .option('--from <member>', 'a running member instead: its id, or its address for clients')
    .option(
      '--scratch <directory>',
      'where room for about as much as the tree has is (default: that for temporary files)',
    )
    .action((path: string | undefined, options: FsckOptions) =>
      reporting(
        options.json,
        () => interruptible(options.json, (long) => fsck(path, options, long)),
        (error) => stateError(error, lookedAt(path, options.scratch)),
      ),
    );
}

async function fsck(
  path: string | undefined,
  options: FsckOptions,
  long: LongWork,
): Promise<ExitCode> {
  if ((path === undefined) === (options.from === undefined)) {
    throw argumentInvalid('name a backup or a directory, or a running member with --from');
  }
  await using scratch = await Scratch.make(options.scratch);
  const report =
    path === undefined
      ? await checkRunning(options, scratch.directory, long)
      : await checkPath(path, scratch.directory, long);
  await new Output(process.stdout).result(options.json, report, reportText(report));
  return report.problemCount === 0 ? ExitCode.Ok : ExitCode.Unsound;
}

async function checkRunning(
  { from = '', ...options }: FsckOptions,
  scratch: string,
  long: LongWork,
): Promise<TreeReport> {
  const { signal, show } = long;
  const state = await findState(options, argumentTimeout(options.timeout), from, signal);
  const path = join(scratch, 'state');
  const progress = pullText(show);
  const { header } = await backUp(path, { ...state, progress }, signal);
  const read = (take: (key: Buffer, value: Buffer) => void) => readFileRows(path, take, signal);
  return await checkTree(scratch, read, header.base.index, long);
}

async function checkPath(path: string, scratch: string, long: LongWork): Promise<TreeReport> {
  const { signal } = long;
  if (!(await isFilePath(path))) {
    const read = (take: (key: Buffer, value: Buffer) => void) =>
      readDirectoryRows(path, scratch, take, signal);
    return await checkTree(scratch, read, undefined, long);
  }
  const { header } = await readTreeManifest(path);
  const read = (take: (key: Buffer, value: Buffer) => void) => readFileRows(path, take, signal);
  return await checkTree(scratch, read, header.base.index, long);
}

/** What was found, as a person reads it. */
function reportText(report: TreeReport): readonly string[] {
  const { appliedIndex, directories, files, symbolicLinks, trash, problems, problemCount } = report;
  const deleted = trash === 0 ? '' : `, ${count(trash)} deleted and not given back yet`;
  return [
    `${count(directories)} directories, ${count(files)} files, ${count(symbolicLinks)} symbolic links${deleted}`,
    `as of entry ${appliedIndex ?? 'unknown'}, digest ${report.digest}`,
    ...problems.map(({ kind, message }) => `${kind}: ${message}`),
    ...(problemCount > problems.length ? [`and ${problemCount - problems.length} more`] : []),
    problemCount === 0
      ? 'The tree is sound.'
      : `${counted(problemCount, 'problem', 'problems')} found.`,
  ];
}
