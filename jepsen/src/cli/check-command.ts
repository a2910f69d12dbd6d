import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import type { CheckContext, CheckResult } from '../checkers/checker.js';
import { verdictOf } from '../run/judge.js';
import { positiveNumber, seconds, wholeNumber } from './arguments.js';
import { ExitCode as Exit, type ExitCode, exitCodeOf, worstExitCode } from './exit-code.js';
import { checkersOf, LOG_FORMAT_NAMES, OWN_FORMAT, readHistoryAs } from './history-formats.js';
import { untilInterrupted } from './interruption.js';
import { printable, writeLines } from './output.js';

const DEFAULT_SECONDS = 60;
const DEFAULT_MEGABYTES = 1024;
const MEGABYTE = 1024 * 1024;

interface CheckOptions {
  readonly format: string;
  readonly explain?: true;
  readonly time: number;
  readonly memory: number;
  readonly threads: number;
}

/** `jepsen check`. */
export function checkCommand(): Command {
  return new Command('check')
    .description(
      'judges histories again: prints the file and valid, invalid or unknown, a line each',
    )
    .argument('<file...>', 'histories, or logs of other programs')
    .addOption(
      new Option('--format <format>', 'what the files are')
        .choices([OWN_FORMAT, ...LOG_FORMAT_NAMES])
        .default(OWN_FORMAT),
    )
    .option('--explain', `say why, below each line; done anyway with --format ${OWN_FORMAT}`)
    .option('--time <seconds>', 'for each file; then it is unknown', seconds, DEFAULT_SECONDS)
    .option('--memory <MiB>', 'for what is remembered', positiveNumber, DEFAULT_MEGABYTES)
    .option('--threads <number>', 'beside this one', wholeNumber, availableParallelism())
    .action(async (files: readonly string[], options: CheckOptions) => {
      process.exitCode = await untilInterrupted((signal) => checkAll(files, options, signal));
    });
}

async function checkAll(
  files: readonly string[],
  options: CheckOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const file of files) codes.push(await checkFile(file, options, signal));
  return worstExitCode(codes);
}

async function checkFile(
  file: string,
  { format, explain, time, memory, threads }: CheckOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const tell = (line: string) => process.stderr.write(printable(`jepsen: ${file}: ${line}\n`));
  const context: CheckContext = {
    signal,
    maxDurationMs: time * 1000,
    maxMemoryBytes: memory * MEGABYTE,
    maxThreads: threads,
  };
  try {
    const history = await readHistoryAs(format, file, signal, tell);
    if (history.events.length === 0) tell('it has no calls: there is nothing to find wrong');
    const results: CheckResult[] = [];
    for (const checker of checkersOf(history)) results.push(await checker.check(history, context));
    const verdict = verdictOf(results);
    const isExplained = explain === true || format === OWN_FORMAT;
    const why = isExplained ? results.flatMap(linesOf) : [];
    await writeLines(process.stdout, [`${file} ${verdict}`, ...why.map((line) => `  ${line}`)]);
    return exitCodeOf(verdict);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    return Exit.Failed;
  }
}

function linesOf({ checker, verdict, findings }: CheckResult): readonly string[] {
  if (verdict === 'valid') return [];
  return [
    `${checker}: ${verdict}`,
    ...findings.flatMap(({ lines }) => lines.map((line) => `  ${line}`)),
  ];
}
