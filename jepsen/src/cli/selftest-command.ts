import { Command } from 'commander';
import type { Verdict } from '../checkers/checker.js';
import { PLANTED_TESTS, type PlantedTest } from '../selftest/planted-tests.js';
import type { Suite } from '../suites/suite.js';
import { wholeNumber } from './arguments.js';
import { ExitCode } from './exit-code.js';
import { untilInterrupted } from './interruption.js';
import { writeLines } from './output.js';
import { runPlan } from './test-command.js';
import { addTestOptions, planOf, type TestOptions } from './test-options.js';

interface SelftestOptions extends TestOptions {
  readonly seed: number;
}

/** `jepsen selftest`. */
export function selftestCommand(): Command {
  const command = new Command('selftest')
    .description(
      'plants bugs in real clusters, and sees whether the tests find each, and nothing without them',
    )
    .option('--seed <number>', 'of the first test; each has the next one', wholeNumber, 1);
  return addTestOptions(command, 1).action(async (options: SelftestOptions) => {
    process.exitCode = await untilInterrupted((signal) => selftest(options, signal));
  });
}

async function selftest(options: SelftestOptions, signal: AbortSignal): Promise<ExitCode> {
  let isAllRight = true;
  for (const [at, test] of PLANTED_TESTS.entries()) {
    const { planted, clean } = await test.load();
    const judged = [
      {
        expected: 'invalid',
        verdict: await verdictOf(planted, test, options, options.seed + at, signal),
      },
      ...(clean === undefined
        ? []
        : [
            {
              expected: 'valid',
              verdict: await verdictOf(clean, test, options, options.seed + at, signal),
            },
          ]),
    ];
    const isRight = judged.every(({ expected, verdict }) => verdict === expected);
    const told = judged.map(
      ({ verdict }, which) => `${which === 0 ? 'planted' : 'clean'} ${verdict}`,
    );
    await writeLines(process.stdout, [
      `${isRight ? 'ok' : 'WRONG'}: ${test.bug}: ${told.join(', ')}`,
    ]);
    isAllRight &&= isRight;
  }
  return isAllRight ? ExitCode.Valid : ExitCode.Violation;
}

async function verdictOf(
  suite: Suite,
  { workload, nemeses, seconds }: PlantedTest,
  options: SelftestOptions,
  seed: number,
  signal: AbortSignal,
): Promise<Verdict | string> {
  const own = { ...options, time: seconds };
  const plan = await planOf(own, workload, nemeses, seed);
  try {
    return (await runPlan({ ...plan, suite }, own, signal)).verdict;
  } catch (error) {
    signal.throwIfAborted();
    return `failed: ${error instanceof Error ? error.message : error}`;
  }
}
