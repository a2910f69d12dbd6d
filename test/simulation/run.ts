import { pathToFileURL } from 'node:url';
import { type Arguments, HELP, parseArguments, RUNS_FOR_COVERAGE } from './arguments.js';
import { Coverage } from './coverage.js';
import { describeViolation } from './report.js';
import { makeRuns } from './runs.js';
import { seedsFrom } from './seeds.js';
import { shrink } from './shrink.js';
import { type RunRequest, simulate } from './simulation.js';
import type { RunSummary } from './summary.js';

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(args: readonly string[]): Promise<number> {
  let parsed: Arguments | undefined;
  try {
    parsed = parseArguments(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (parsed === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  return runAll(parsed);
}

/** What all runs together came to. */
class Totals {
  readonly coverage = new Coverage();
  readonly #startMs = performance.now();
  runs = 0;
  virtualMs = 0;
  cpuMs = 0;
  events = 0;
  committed = 0;

  add(summary: RunSummary): void {
    this.coverage.add(summary.coverage);
    this.runs++;
    this.virtualMs += summary.virtualMs;
    this.cpuMs += summary.cpuMs;
    this.events += summary.events;
    this.committed += summary.committed;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  /** Virtual seconds a second of one processor. */
  get speed(): number {
    return this.cpuMs === 0 ? 0 : this.virtualMs / this.cpuMs;
  }

  line(seed: number): string {
    const { runs, virtualMs, elapsedMs, cpuMs, events, committed, speed } = this;
    return (
      `${runs} runs from seed ${seed}: ${(virtualMs / 1000).toFixed(0)} virtual seconds in ` +
      `${(elapsedMs / 1000).toFixed(1)} s, ${(cpuMs / 1000).toFixed(1)} CPU s ` +
      `(${speed.toFixed(0)} virtual seconds a CPU second); ${events} events, ` +
      `${committed} entries committed`
    );
  }
}

async function runAll(wanted: Arguments): Promise<number> {
  const { seed, runs, jobs, json } = wanted;
  const totals = new Totals();
  tellWhenInterrupted(wanted, totals);
  let failed: RunRequest | undefined;
  let absent: readonly number[] = [];
  await makeRuns(requests(wanted), jobs, (request, summary) => {
    totals.add(summary);
    // A replay that leaves out what was asked for would say that all is well.
    if (runs === 1) absent = (request.faults ?? []).filter((one) => !summary.faults.includes(one));
    if (json) say(JSON.stringify(withoutCoverage(summary)));
    else progress(`run ${totals.runs} of ${runs}, ${totals.speed.toFixed(0)} virtual s a CPU s`);
    if (summary.violation === null) return true;
    failed = request;
    return false;
  });
  if (absent.length > 0) {
    process.stderr.write(`the schedule of seed ${seed} has no fault ${absent.join(', ')}\n`);
    return 2;
  }
  if (failed !== undefined) {
    if (!json) await explain(failed, wanted);
    return 1;
  }
  const missing = totals.runs >= RUNS_FOR_COVERAGE ? totals.coverage.missing() : [];
  if (json) sayTotalsAsJson(totals, seed, missing);
  else sayTotals(totals, seed, missing);
  return missing.length > 0 ? 3 : 0;
}

const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const;

/** What the runs so far came to; the one under way is given up. */
function tellWhenInterrupted({ seed, runs, json }: Arguments, totals: Totals): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      if (json) sayTotalsAsJson(totals, seed, [], signal);
      else {
        say(`\n${totals.line(seed)}`);
        say(
          `interrupted by ${signal} after ${totals.runs} of ${runs} runs; every property held in them`,
        );
      }
      process.exit(INTERRUPTED[signal]);
    });
  }
}

function requests({
  seed,
  runs,
  runMs,
  members,
  faults,
  mounts,
  trace,
}: Arguments): readonly RunRequest[] {
  return seedsFrom(seed, runs).map((one) => ({
    seed: one,
    runMs,
    ...(members === undefined ? {} : { members }),
    ...(mounts === undefined ? {} : { mounts }),
    ...(faults === undefined ? {} : { faults }),
    ...(trace ? { onTrace: say } : {}),
  }));
}

/** Runs it again, with fewer and fewer faults, and says what it came to. */
async function explain(request: RunRequest, wanted: Arguments): Promise<void> {
  const { onTrace: _, ...quiet } = request;
  const result = await simulate(quiet);
  if (!wanted.shrink || wanted.trace) {
    say(`\n${describeViolation(quiet, result)}`);
    return;
  }
  const shrunk = await shrink(quiet, result, (faults, runs) =>
    progress(`${result.violation?.property}: ${faults} faults are enough, after ${runs} runs`),
  );
  say(`\n${describeViolation(quiet, result, shrunk)}`);
}

function sayTotals(totals: Totals, seed: number, missing: readonly string[]): void {
  say(`\n${totals.coverage.table()}\n`);
  say(totals.line(seed));
  for (const kind of missing) say(`never happened: ${kind}`);
  say(missing.length > 0 ? 'the simulation misses what it is to show' : 'every property held');
}

function sayTotalsAsJson(
  totals: Totals,
  seed: number,
  missing: readonly string[],
  interrupted?: string,
): void {
  const { runs, virtualMs, elapsedMs, cpuMs, events, coverage } = totals;
  const seconds = { virtualSeconds: virtualMs / 1000, seconds: elapsedMs / 1000 };
  const cpuSeconds = cpuMs / 1000;
  say(
    JSON.stringify({
      runs,
      seed,
      ...seconds,
      cpuSeconds,
      events,
      missing,
      ...(interrupted === undefined ? {} : { interrupted }),
      coverage: coverage.counts(),
    }),
  );
}

function withoutCoverage({ coverage: _, ...rest }: RunSummary): object {
  return rest;
}

/** On a terminal: one line that changes. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text} \u001b[K`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main(process.argv.slice(2));
}
