import { randomInt } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { JepsenError } from '../errors.js';
import type { Progress } from '../run/progress.js';
import { runTest, type TestOutcome } from '../run/run-test.js';
import { startCluster } from '../run/start-cluster.js';
import type { TestPlan } from '../run/test-plan.js';
import { HISTORY_FILE, isStruck } from '../store/stored-results.js';
import { defaultStoreLimits, forgetOldTests } from '../store/stored-tests.js';
import { wholeNumber } from './arguments.js';
import { commandLine } from './command-line.js';
import { ExitCode, exitCodeOf } from './exit-code.js';
import { untilInterrupted } from './interruption.js';
import { outcomeText } from './outcome-text.js';
import { writeLines } from './output.js';
import { ProgressLine, progressText } from './progress-line.js';
import { addTestOptions, commandOf, planOf, SUITE_HELP, type TestOptions } from './test-options.js';

/** Of a seed that is drawn: short enough to be typed. */
const MAX_SEED = 1_000_000;

interface TestCommandOptions extends TestOptions {
  readonly workload: string;
  readonly seed?: number;
}

/** `jepsen test`. */
export function testCommand(): Command {
  const command = new Command('test')
    .description('starts a cluster, runs clients and faults, reads everything back, and judges it')
    .option('--workload <name>', 'what clients do: see jepsen list', 'register')
    .option('--nemesis <names>', 'the faults, with commas in between: see jepsen list', '')
    .option('--suite <name>', SUITE_HELP)
    .option(
      '--seed <number>',
      'decides what clients call and which faults strike whom (default: drawn)',
      wholeNumber,
    );
  return addTestOptions(command, 60).action(async (options: TestCommandOptions) => {
    process.exitCode = await untilInterrupted((signal) => test(options, signal));
  });
}

async function test(options: TestCommandOptions, signal: AbortSignal): Promise<ExitCode> {
  const { workload, nemesis = '', seed = randomInt(MAX_SEED) } = options;
  const plan = await planOf(options, workload, nemesis, seed);
  try {
    const outcome = await runPlan(plan, options, signal);
    await writeLines(process.stdout, linesOf(outcome, options));
    const { verdict, results } = outcome;
    return verdict === 'valid' && !isStruck(results) ? ExitCode.Unknown : exitCodeOf(verdict);
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    const code = error instanceof JepsenError ? error.code : 'TEST_FAILED';
    process.stderr.write(`jepsen: the test itself failed: ${code}: ${reason}\n`);
    return ExitCode.Failed;
  }
}

/** Runs one test, makes room for it in the store before, and tells how far it is. */
async function runPlan(
  plan: TestPlan,
  options: TestOptions,
  signal: AbortSignal,
): Promise<TestOutcome> {
  using line = new ProgressLine(process.stderr);
  await forgetOldTests(plan.store, defaultStoreLimits);
  return await testPlan(plan, options, signal, (progress) => line.show(progressText(progress)));
}

/** Runs one test. */
export function testPlan(
  plan: TestPlan,
  options: TestOptions,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<TestOutcome> {
  return runTest(plan, {
    signal,
    onProgress,
    commands: (directory) => [
      commandOf(plan, options),
      commandLine('check', nearPath(join(directory, HISTORY_FILE))),
    ],
    startCluster: (directory, startSignal) => startCluster(plan, directory, startSignal),
  });
}

/** As short as it can be said from here. */
function nearPath(path: string): string {
  const near = relative('', path);
  return near.startsWith('..') ? resolve(path) : near;
}

function linesOf(outcome: TestOutcome, { json }: TestOptions): readonly string[] {
  if (json !== true) return outcomeText(outcome);
  return [JSON.stringify({ directory: outcome.directory, ...outcome.results })];
}
