import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Coverage } from './coverage.js';
import { describeViolation, freshSeed, MAX_SEED } from './report.js';
import { DEFAULT_RUN_MS, type RunResult, simulate } from './simulation.js';

/** Fewer runs need not have met everything. */
const RUNS_FOR_COVERAGE = 100;

const HELP = `Usage: npm run simulate -- [--seed S] [--runs N] [--seconds T] [--trace] [--json]

Runs clusters on a virtual clock, network and disks, under faults, and checks that Raft's
properties hold. Run k of N has the seed S + k; a run is a function of its seed alone.

  --seed S      the first seed, 0 to 4294967295; random when not given
  --runs N      how many runs; 100, or 1 with --trace
  --seconds T   virtual seconds during which faults strike; ${DEFAULT_RUN_MS / 1000}
  --trace       prints what happens, event by event
  --json        prints one JSON object a run, and one with the totals at the end
  --help        prints this

Exit codes: 0 every property held and every kind of fault struck at least once; 1 a property was
violated; 2 wrong usage; 3 a kind of fault or an interesting state never happened (checked from
${RUNS_FOR_COVERAGE} runs on).
`;

interface Arguments {
  readonly seed: number;
  readonly runs: number;
  readonly runMs: number;
  readonly trace: boolean;
  readonly json: boolean;
}

function parse(args: readonly string[]): Arguments | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      runs: { type: 'string' },
      seconds: { type: 'string', default: `${DEFAULT_RUN_MS / 1000}` },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return HELP;
  const seed = number('seed', values.seed ?? `${freshSeed()}`, 0, MAX_SEED);
  const runs = number('runs', values.runs ?? (values.trace ? '1' : '100'), 1, 1_000_000);
  const seconds = number('seconds', values.seconds, 0.001, 86_400);
  const { trace, json } = values;
  return { seed: Math.floor(seed), runs: Math.floor(runs), runMs: seconds * 1000, trace, json };
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max) return value;
  throw new TypeError(`--${name} takes a number from ${min} to ${max}, not "${text}"`);
}

async function main(args: readonly string[]): Promise<number> {
  let parsed: Arguments | string;
  try {
    parsed = parse(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (typeof parsed === 'string') {
    process.stdout.write(parsed);
    return 0;
  }
  return runAll(parsed);
}

async function runAll({ seed, runs, runMs, trace, json }: Arguments): Promise<number> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const coverage = new Coverage();
  const startMs = performance.now();
  let virtualMs = 0;
  let events = 0;
  for (let run = 0; run < runs; run++) {
    const onTrace = trace ? { onTrace: say } : {};
    const result = await simulate({ seed: (seed + run) % (MAX_SEED + 1), runMs, ...onTrace });
    coverage.add(result.coverage);
    virtualMs += result.virtualMs;
    events += result.events;
    if (json) say(JSON.stringify(runSummary(result)));
    else progress(run + 1, runs, virtualMs / (performance.now() - startMs));
    if (result.violation === undefined) continue;
    if (!json) reportViolation(result, run + 1);
    return 1;
  }
  const seconds = (performance.now() - startMs) / 1000;
  const missing = runs >= RUNS_FOR_COVERAGE ? coverage.missing() : [];
  if (json) {
    const totals = { runs, seed, virtualSeconds: virtualMs / 1000, seconds, events };
    say(JSON.stringify({ ...totals, missing, coverage: coverage.counts() }));
  } else {
    say(`\n${coverage.table()}\n`);
    say(
      `${runs} runs from seed ${seed}: ${(virtualMs / 1000).toFixed(0)} virtual seconds in ` +
        `${seconds.toFixed(1)} s (${(virtualMs / 1000 / seconds).toFixed(0)} a second), ` +
        `${events} events; every property held`,
    );
    for (const kind of missing) say(`never happened: ${kind}`);
  }
  return missing.length > 0 ? 3 : 0;
}

function runSummary(result: RunResult): object {
  const { seed, violation, traceHash, virtualMs, events, committed, options } = result;
  const members = options.members.length;
  return { seed, members, violation: violation ?? null, traceHash, virtualMs, events, committed };
}

function progress(run: number, runs: number, speed: number): void {
  if (!process.stderr.isTTY) return;
  const end = run === runs ? '\n' : '';
  process.stderr.write(
    `\rrun ${run} of ${runs}, ${speed.toFixed(0)} virtual seconds a second ${end}`,
  );
}

function reportViolation(result: RunResult, run: number): void {
  process.stdout.write(`\n${describeViolation(result)}\n  (found in run ${run})\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main(process.argv.slice(2));
}
