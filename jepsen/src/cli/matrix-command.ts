import { Command } from 'commander';
import { JepsenError } from '../errors.js';
import { listNemeses } from '../nemeses/nemesis-list.js';
import type { TestOutcome } from '../run/run-test.js';
import { WORKLOADS } from '../workloads/known-workloads.js';
import { wholeNumber } from './arguments.js';
import { ExitCode, exitCodeOf, worstExitCode } from './exit-code.js';
import { untilInterrupted } from './interruption.js';
import { writeLines } from './output.js';
import { runPlan } from './test-command.js';
import {
  addTestOptions,
  knownWorkload,
  NO_NEMESIS,
  planOf,
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
  readonly workloads?: string;
  readonly nemeses?: string;
  readonly each?: true;
  readonly seed: number;
}

/** One test of the matrix. */
interface Cell {
  readonly workload: string;
  readonly nemesis: string;
  readonly outcome: TestOutcome | undefined;
  /** Why there is no outcome. */
  readonly failure: string | undefined;
  readonly code: ExitCode;
}

/** `jepsen matrix`. */
export function matrixCommand(): Command {
  const command = new Command('matrix')
    .description('every workload under every nemesis, and a table of what came of it')
    .option('--workloads <names>', 'these alone, with commas in between')
    .option(
      '--nemeses <names>',
      'these alone, with commas in between; + composes some, none is one, too',
    )
    .option('--each', 'each nemesis by itself, and not only one for all of a kind')
    .option('--seed <number>', 'of the first test; each has the next one', wholeNumber, 1);
  return addTestOptions(command, 60).action(async (options: MatrixOptions) => {
    process.exitCode = await untilInterrupted((signal) => matrix(options, signal));
  });
}

async function matrix(options: MatrixOptions, signal: AbortSignal): Promise<ExitCode> {
  const workloads = options.workloads?.split(',') ?? WORKLOADS.map(({ name }) => name);
  const cells: Cell[] = [];
  for (const workload of workloads) {
    const nemeses = options.nemeses?.split(',') ?? (await nemesesFor(workload, options));
    for (const nemesis of nemeses) {
      const cell = await cellOf(workload, nemesis, options, options.seed + cells.length, signal);
      cells.push(cell);
      const line = options.json === true ? jsonOf(cell) : rowOf(cell);
      await writeLines(
        process.stdout,
        cells.length === 1 && options.json !== true ? [...HEAD, line] : [line],
      );
    }
  }
  return worstExitCode(cells.map(({ code }) => code));
}

/** What can strike the system that is tested, and nothing. */
async function nemesesFor(
  workload: string,
  { suite, each }: MatrixOptions,
): Promise<readonly string[]> {
  const { database } = await suiteFor(suite, knownWorkload(workload));
  const known = listNemeses(database).map(({ name }) => name);
  return [NO_NEMESIS, ...known.filter((name) => each === true || KINDS_OF_FAULTS.includes(name))];
}

async function cellOf(
  workload: string,
  nemesis: string,
  options: MatrixOptions,
  seed: number,
  signal: AbortSignal,
): Promise<Cell> {
  const cell = { workload, nemesis };
  try {
    const plan = await planOf(options, workload, nemesis.replaceAll('+', ','), seed);
    const outcome = await runPlan(plan, options, signal);
    return { ...cell, outcome, failure: undefined, code: exitCodeOf(outcome.verdict) };
  } catch (error) {
    signal.throwIfAborted();
    const failure = error instanceof Error ? error.message : String(error);
    // What this machine or this system can't have says nothing about the system.
    const isSkipped = error instanceof JepsenError && error.code === 'NEMESIS_UNAVAILABLE';
    const code = isSkipped ? ExitCode.Valid : ExitCode.Failed;
    return {
      ...cell,
      outcome: undefined,
      failure: isSkipped ? `skipped: ${failure}` : failure,
      code,
    };
  }
}

const HEAD = [
  '| workload | nemesis | verdict | ok | failed | unknown | faults | longest silence after healing, ms |',
  '| --- | --- | --- | --- | --- | --- | --- | --- |',
] as const;

function rowOf({ workload, nemesis, outcome, failure }: Cell): string {
  if (outcome === undefined) return `| ${workload} | ${nemesis} | ${failure} | | | | | |`;
  const { counts, faults, longestSilenceAfterHealingMs } = outcome.results;
  const struck = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const { ok, fail, info } = counts;
  const figures = [outcome.verdict, ok, fail, info, struck, longestSilenceAfterHealingMs ?? ''];
  return `| ${[workload, nemesis, ...figures].join(' | ')} |`;
}

function jsonOf({ workload, nemesis, outcome, failure }: Cell): string {
  if (outcome === undefined) return JSON.stringify({ workload, nemesis, failure });
  const { directory, results } = outcome;
  return JSON.stringify({ workload, nemesis, directory, ...results });
}
