// npm test: prepares the checkout, runs every stage, and ends with one line: N passed, N failed.
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './lib/child.mjs';
import { countCells } from './lib/matrix-report.mjs';
import { countMutants } from './lib/mutant-report.mjs';
import { root } from './lib/root.mjs';
import { usageOnly } from './lib/usage.mjs';
import { countTests, namesOfTimedOut } from './lib/vitest-report.mjs';
import { prepare } from './prepare.mjs';
import { verify } from './verify.mjs';

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {readonly string[]} [timedOut] those of the failed that made no progress
 *
 * @typedef {{ name: string, run: () => Promise<Count> }} Stage
 */

/** @type {readonly Stage[]} */
const STAGES = [
  { name: 'verify', run: verify },
  { name: 'unit, property and integration tests', run: vitest },
  { name: 'a matrix of real clusters under faults', run: matrix },
  { name: 'mutants', run: mutants },
];

/** Runs all tests, as compiled. @returns {Promise<Count>} */
async function vitest() {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const report = join(root, '.cache', 'test-report.json');
  const record = join(root, '.cache', 'timed-out.txt');
  for (const file of [report, record]) rmSync(file, { force: true });
  const program = join('node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { ok } = await runChild(process.execPath, [program, 'run', ...reporters], {
    output: 'show',
    env: { ...process.env, TIMED_OUT_FILE: record },
  });
  return {
    ...countTests(JSON.parse(readFileSync(report, 'utf8')), ok),
    timedOut: namesOfTimedOut(existsSync(record) ? readFileSync(record, 'utf8') : undefined),
  };
}

/** Some cells of the matrix, others each time, and each workload and kind of fault among them; see docs/chaos.md. */
const MATRIX = {
  suites: 'inode-app,key-value,etcd',
  sample: 24,
  jobs: 4,
  time: 5,
  nodes: 3,
  rate: 100,
  // Nobody knows how busy this machine is.
  patience: 600,
  seed: randomInt(1_000_000),
  store: join('.cache', 'jepsen'),
};

/** @returns {Promise<Count>} */
async function matrix() {
  const options = Object.entries(MATRIX).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const args = [join('jepsen', 'bin', 'jepsen.js'), 'matrix', ...options];
  const { output } = await runChild(process.execPath, args, { output: 'both' });
  return countCells(output);
}

/** How many of the known bugs are planted each time; `npm run mutants` plants all. */
const MUTANTS = 80;

/** Plants known bugs, others each time, and sees whether the tests notice. @returns {Promise<Count>} */
async function mutants() {
  const args = [join('test', 'dist', 'mutants', 'run.js'), '--sample', `${MUTANTS}`];
  const { ok, output } = await runChild(process.execPath, args, { output: 'both' });
  return countMutants(output, ok);
}

/** A stage that fails to run at all has failed once. @param {Stage} stage @returns {Promise<Count>} */
async function runStage(stage) {
  process.stdout.write(`\n== ${stage.name}\n`);
  try {
    const count = await stage.run();
    if (count.passed + count.failed > 0) return count;
    process.stdout.write('No tests ran.\n');
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  }
  return { passed: 0, failed: 1 };
}

const usage = usageOnly(
  'npm test',
  'Everything that CI runs: verify, all tests, and known bugs planted for them to notice.',
  process.argv.slice(2),
);
if (usage !== undefined) process.exit(usage);

const total = { passed: 0, failed: 0 };
/** @type {string[]} */
const timedOut = [];
if (await prepare({ tools: true })) {
  for (const stage of STAGES) {
    const count = await runStage(stage);
    total.passed += count.passed;
    total.failed += count.failed;
    timedOut.push(...(count.timedOut ?? []));
  }
} else {
  total.failed += 1;
}
process.stdout.write(`\n${timedOut.map((name) => `timed out: ${name}\n`).join('')}`);
if (total.failed > 0) process.stdout.write(`${timedOut.length} of the failed timed out\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
