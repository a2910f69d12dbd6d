import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import type { TestPlan } from '../run/test-plan.js';
import { FALSIFICATIONS } from '../selftest/falsifications.js';
import { runSelftest, type SelftestResult, testOf } from '../selftest/run-selftest.js';
import { SELFTESTS } from '../selftest/selftests.js';
import { defaultStoreLimits, forgetOldTests } from '../store/stored-tests.js';
import { wholeNumber } from './arguments.js';
import { ExitCode, worstExitCode } from './exit-code.js';
import { untilInterrupted } from './interruption.js';
import { writeLines } from './output.js';
import { ProgressLine } from './progress-line.js';
import { DEFAULT_STORE, networkKind } from './test-options.js';

/** Of each checker. */
const CHECK = { maxDurationMs: 120_000, maxMemoryBytes: 2 * 1024 ** 3 };

interface SelftestCommandOptions {
  readonly seed: number;
  readonly only?: string;
  readonly network: TestPlan['network'];
  readonly store: string;
  readonly list?: true;
  readonly json?: true;
}

/** `jepsen selftest`. */
export function selftestCommand(): Command {
  return new Command('selftest')
    .description(
      'plants bugs in real clusters and falsifies histories: whether the tests find each, and nothing without them',
    )
    .option('--seed <number>', 'of all tests', wholeNumber, 1)
    .option('--only <names>', 'these alone, with commas in between: see --list')
    .option(
      '--network <kind>',
      'proxies, or namespaces (as root, on Linux)',
      networkKind,
      'proxies',
    )
    .option('--store <directory>', 'where tests are kept', DEFAULT_STORE)
    .option('--list', 'prints what is planted and what finds it, and runs nothing')
    .option('--json', 'for programs: one JSON object a result')
    .addHelpText('after', EXIT_CODE_HELP)
    .action(async (options: SelftestCommandOptions) => {
      if (options.list === true) await writeLines(process.stdout, selftestTables());
      else process.exitCode = await untilInterrupted((signal) => selftest(options, signal));
    });
}

const EXIT_CODE_HELP = `
For a selftest 0 means that all was found and nothing else, 1 that something was not found, or was
where nothing is wrong, 2 that a checker reached a limit, and 3 that a test could not be carried out.
What this machine can't have, such as devices without root, is skipped.`;

async function selftest(
  { seed, only, network, store, json }: SelftestCommandOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  using line = new ProgressLine(process.stderr);
  await forgetOldTests(store, defaultStoreLimits);
  const told: Promise<void>[] = [];
  const results = await runSelftest({
    seed,
    only: only?.split(','),
    network,
    store,
    check: { ...CHECK, maxThreads: availableParallelism() },
    signal,
    onResult: (result) => {
      line.clear();
      const text = json === true ? JSON.stringify(result) : lineOf(result);
      told.push(writeLines(process.stdout, [text]));
    },
    onProgress: (done, all, running) =>
      line.show(`${done} of ${all} selftests, now ${running.join(', ')}`),
  });
  await Promise.all(told);
  return worstExitCode(results.map(({ outcome }) => EXIT_CODES[outcome]));
}

const EXIT_CODES: Readonly<Record<SelftestResult['outcome'], ExitCode>> = {
  ok: ExitCode.Valid,
  skipped: ExitCode.Valid,
  wrong: ExitCode.Violation,
  unknown: ExitCode.Unknown,
  failed: ExitCode.Failed,
};

function lineOf(result: SelftestResult): string {
  const { outcome, kind, what, selftest: name, durationMs } = result;
  return `${outcome}: ${kind}: ${what}: ${verdictOf(result)} (${name}, ${(durationMs / 1000).toFixed(1)} s)`;
}

function verdictOf({ outcome, kind, expected, foundBy, said }: SelftestResult): string {
  if (outcome === 'skipped' || outcome === 'failed') return said;
  const by = foundBy.length === 0 ? 'found by nobody' : `found by ${foundBy.join(', ')}`;
  if (kind === 'right system') return outcome === 'ok' ? 'valid' : `${by}: ${said}`;
  return outcome === 'ok' ? `${by}: ${said}` : `${by}, and ${expected} has to name it`;
}

/** As they stand in docs/chaos.md. */
export function selftestTables(): readonly string[] {
  return [
    '| selftest | planted bug | test | found by |',
    '| --- | --- | --- | --- |',
    ...SELFTESTS.flatMap((one) =>
      one.planted === undefined
        ? []
        : `| \`${one.name}\` | ${one.planted.bug} | ${testOf(one)} | ${one.planted.foundBy} |`,
    ),
    '',
    '| falsified history of | answer | found by |',
    '| --- | --- | --- |',
    ...FALSIFICATIONS.map(({ workload, lie, foundBy }) => `| ${workload} | ${lie} | ${foundBy} |`),
  ];
}
