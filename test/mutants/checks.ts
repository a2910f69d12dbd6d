import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import type { Noticer } from './mutant.js';
import { runProgram } from './program.js';

/** What CI gives the simulation. */
export const CI_RUNS = 300;
const VITEST = 'node_modules/vitest/vitest.mjs';
const SIMULATION = 'test/dist/simulation/run.js';
const SCRIPTS = 'test/dist/scripts/run.js';
/** Far more than any test needs: a check that is silent for so long, on an idle machine, hangs. */
const MAX_SILENCE_MS = 120_000;

/** That a check failed, and where. */
export interface Notice {
  readonly kind: Noticer['kind'];
  /** The test, script or property. */
  readonly by: string;
  /** The effort it took, such as `12 runs`. */
  readonly after: string;
  /** Runs just what noticed it, to see that the tree without the mutant passes. */
  readonly again: Check;
}

/** One way of looking for a bug in a compiled tree. */
export interface Check {
  readonly kind: Noticer['kind'];
  /** Equal names do the same. */
  readonly name: string;
  run(directory: string, signal: AbortSignal): Promise<Notice | undefined>;
}

/** Runs the compiled tests at `paths`, given as those of their sources. */
export function unitCheck(paths: readonly string[]): Check {
  const name = `unit ${paths.join(' ')}`;
  return { kind: 'unit', name, run: (directory, signal) => runTests(paths, directory, signal) };
}

async function runTests(
  paths: readonly string[],
  directory: string,
  signal: AbortSignal,
): Promise<Notice | undefined> {
  const reports = await mkdtemp(join(tmpdir(), 'raft-ts-report-'));
  try {
    const report = join(reports, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const options = [...reporters, '--maxWorkers=1', '--bail=1'];
    const ending = await runProgram([VITEST, 'run', ...options, ...paths.map(compiled)], {
      directory,
      signal,
      maxSilenceMs: MAX_SILENCE_MS,
    });
    if (ending.exitCode === 0) return undefined;
    if (ending.exitCode === undefined) {
      return { kind: 'unit', by: paths.join(' '), after: 'no end', again: unitCheck(paths) };
    }
    return failedTest(await readFile(report, 'utf8'), directory);
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

/** Where a source's test or folder stands once compiled. */
function compiled(path: string): string {
  return path
    .replace('/src', '/dist')
    .replace(/^test\//, 'test/dist/')
    .replace(/\.ts$/, '.js');
}

interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[];
  }[];
}

function failedTest(text: string, directory: string): Notice {
  const report: TestReport = JSON.parse(text);
  const file = report.testResults.find(({ status }) => status === 'failed');
  if (file === undefined) throw new Error('vitest failed, and none of its tests did');
  const source = relative(directory, file.name)
    .replace('/dist', file.name.includes('/test/dist/') ? '' : '/src')
    .replace(/\.js$/, '.ts');
  const title = file.assertionResults.find(({ status }) => status === 'failed')?.title;
  return {
    kind: 'unit',
    by: source,
    after: title === undefined ? 'it could not be loaded' : `"${title}"`,
    again: unitCheck([source]),
  };
}

/** Runs the scripts in `directory`; with `exact`, every character of them counts. */
export function scriptsCheck(scripts: string, exact: boolean): Check {
  const args = [scripts, '--json', ...(exact ? ['--exact'] : [])];
  const run = async (directory: string, signal: AbortSignal): Promise<Notice | undefined> => {
    const { exitCode, output } = await runProgram([SCRIPTS, ...args], {
      directory,
      signal,
      maxSilenceMs: MAX_SILENCE_MS,
    });
    if (exitCode === 0) return undefined;
    if (exitCode === 2) throw new Error(`the scripts' program does not know ${args.join(' ')}`);
    const by = failedScript(output) ?? scripts;
    const after = exitCode === undefined ? 'no end' : 'another state than it says';
    return { kind: 'scripts', by, after, again: scriptsCheck(scripts, exact) };
  };
  return { kind: 'scripts', name: `scripts ${args.join(' ')}`, run };
}

function failedScript(output: string): string | undefined {
  const failed = output
    .split('\n')
    .filter((line) => line.startsWith('{"file"'))
    .map((line): { readonly file: string; readonly state: boolean } => JSON.parse(line))
    .find(({ state }) => !state);
  return failed === undefined ? undefined : basename(failed.file);
}

interface RunLine {
  readonly seed?: number;
  readonly violation?: { readonly property: string } | null;
}

/** Runs the simulation on `runs` seeds from `seed` on. */
export function simulationCheck(seed: number, runs: number): Check {
  const run = async (directory: string, signal: AbortSignal): Promise<Notice | undefined> => {
    let done = 0;
    let last: RunLine = {};
    const args = ['--seed', `${seed}`, '--runs', `${runs}`, '--json'];
    const { exitCode } = await runProgram([SIMULATION, ...args], {
      directory,
      signal,
      maxSilenceMs: MAX_SILENCE_MS,
      onLine: (line) => {
        if (!line.startsWith('{"seed"')) return;
        done++;
        last = JSON.parse(line);
      },
    });
    // 3: every property held, but not every kind of fault struck, which has other causes.
    if (exitCode === 0 || exitCode === 3) return undefined;
    if (exitCode === 2) throw new Error(`the simulation does not know ${args.join(' ')}`);
    const property = last.violation?.property;
    // One that ended or hung without a word did so in the run behind the last.
    const culprit = property === undefined ? seed + done : (last.seed ?? seed);
    const after = `${property === undefined ? done + 1 : done} runs`;
    const by = property ?? (exitCode === undefined ? 'no end' : `exit code ${exitCode}`);
    return { kind: 'simulation', by, after, again: simulationCheck(culprit, 1) };
  };
  return { kind: 'simulation', name: `simulation ${seed} ${runs}`, run };
}
