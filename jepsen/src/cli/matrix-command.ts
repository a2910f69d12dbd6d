import { Command } from 'commander';
import { JepsenError } from '../errors.js';
import { type Cell, cellsOf, type MatrixRow, NO_NEMESIS, sampleOf } from '../matrix/cell.js';
import type { CellOutcome } from '../matrix/cell-result.js';
import { eachOf } from '../matrix/each-of.js';
import { MatrixRecord } from '../matrix/matrix-record.js';
import { listNemeses } from '../nemeses/nemesis-list.js';
import { Random } from '../random.js';
import { defaultStoreLimits, forgetOldTests } from '../store/stored-tests.js';
import { loadSuite } from '../suites/known-suites.js';
import type { Suite } from '../suites/suite.js';
import { WORKLOADS } from '../workloads/known-workloads.js';
import { positiveWholeNumber, wholeNumber } from './arguments.js';
import { ExitCode, worstExitCode } from './exit-code.js';
import { untilInterrupted } from './interruption.js';
import { MatrixRun } from './matrix-run.js';
import {
  addTestOptions,
  knownWorkload,
  planOf,
  SUITE_HELP,
  suiteFor,
  type TestOptions,
} from './test-options.js';

/** Each stands for all of its kind, one of which is drawn for each strike. */
export const KINDS_OF_FAULTS: readonly string[] = [
  'partition',
  'kill',
  'terminate',
  'pause',
  'rolling-restart',
  'clock',
  'network',
  'disk',
  'damage',
  'exhaustion',
  'action',
];

interface MatrixOptions extends TestOptions {
  readonly suites?: string;
  readonly workloads?: string;
  readonly nemeses?: string;
  readonly each?: true;
  readonly sample?: number;
  readonly jobs: number;
  readonly seed: number;
}

/** `jepsen matrix`. */
export function matrixCommand(): Command {
  const command = new Command('matrix')
    .description('every workload under every nemesis, and a table of what came of it')
    .option('--suites <names>', `${SUITE_HELP}; with commas in between`)
    .option('--workloads <names>', 'these alone, with commas in between')
    .option(
      '--nemeses <names>',
      'these alone, with commas in between; + composes some, none is one, too',
    )
    .option('--each', 'each nemesis by itself, and not only one for all of a kind')
    .option(
      '--sample <number>',
      'so many cells alone: the seed draws which, each row and column as often as any other',
      positiveWholeNumber,
    )
    .option('--jobs <number>', 'cells at a time', positiveWholeNumber, 1)
    .option('--seed <number>', 'of the first cell; each has the next one', wholeNumber, 1);
  return addTestOptions(command, 60).action(async (options: MatrixOptions) => {
    process.exitCode = await untilInterrupted((signal) => matrix(options, signal));
  });
}

async function matrix(options: MatrixOptions, signal: AbortSignal): Promise<ExitCode> {
  const cells = await chosenCells(options);
  // Before all cells, and not before each: none of this matrix is to go while others run.
  await forgetOldTests(options.store, defaultStoreLimits);
  const record = await MatrixRecord.create(options.store, cells.length);
  const run = new MatrixRun(cells, options, record);
  try {
    await eachOf(cells, options.jobs, signal, (cell, ending) => run.runCell(cell, ending));
  } finally {
    await run.conclude();
  }
  return worstExitCode(run.results.map(({ outcome }) => EXIT_CODES[outcome]));
}

const EXIT_CODES: Readonly<Record<CellOutcome, ExitCode>> = {
  valid: ExitCode.Valid,
  invalid: ExitCode.Violation,
  unknown: ExitCode.Unknown,
  'not-struck': ExitCode.Unknown,
  failed: ExitCode.Failed,
  skipped: ExitCode.Valid,
};

/** Rejects with OPTIONS_INVALID where one is typed wrongly, before anything is run. */
async function chosenCells(options: MatrixOptions): Promise<readonly Cell[]> {
  const rows = await rowsOf(options);
  const cells = cellsOf(rows, options.seed);
  for (const { suite, workload, nemesis, seed } of cells) {
    await planOf({ ...options, suite }, workload, nemesis.replaceAll('+', ','), seed).catch(
      (error: unknown) => {
        const isRefused = error instanceof JepsenError && error.code === 'NEMESIS_UNAVAILABLE';
        if (!isRefused) throw error;
      },
    );
  }
  const { sample, seed } = options;
  return sample === undefined ? cells : sampleOf(cells, sample, new Random(seed));
}

/** The workloads of each suite that is named; otherwise each workload on the suite that is its own. */
async function rowsOf(options: MatrixOptions): Promise<readonly MatrixRow[]> {
  const named = options.workloads?.split(',').map(knownWorkload) ?? WORKLOADS;
  const row = (suiteName: string, suite: Suite, workload: string): MatrixRow => ({
    suite: suiteName,
    workload,
    nemeses: options.nemeses?.split(',') ?? nemesesOf(suite, options),
  });
  const rows: MatrixRow[] = [];
  if (options.suites === undefined) {
    for (const workload of named) {
      const suite = await suiteFor(undefined, workload);
      rows.push(row(suite.name, suite, workload.name));
    }
    return rows;
  }
  for (const name of options.suites.split(',')) {
    const suite = await loadSuite(name);
    const known = named.filter((workload) => suite.clients[workload.name] !== undefined);
    rows.push(...known.map((workload) => row(name, suite, workload.name)));
  }
  return rows;
}

/** What can strike this system, and nothing. */
function nemesesOf({ database }: Suite, { each }: MatrixOptions): readonly string[] {
  const known = listNemeses(database).map(({ name }) => name);
  return [NO_NEMESIS, ...known.filter((name) => each === true || KINDS_OF_FAULTS.includes(name))];
}
