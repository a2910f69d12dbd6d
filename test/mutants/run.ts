import { constants } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { choose } from './choice.js';
import { type Mutant, readMutants } from './mutant.js';
import { HELP, type MutantOptions, parseOptions } from './options.js';
import { addToRecord, readRecord, trialJson } from './record.js';
import {
  absentRows,
  listing,
  noticeTable,
  outdatedHints,
  scenarioRow,
  trialRow,
} from './report.js';
import { SCENARIOS } from './scenarios.js';
import { ThrowAwayTree } from './tree.js';
import { type Trial, type Trials, Trier } from './trial.js';

/** The checkout, from where this file lies once compiled. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

async function main(args: readonly string[]): Promise<number> {
  const mutants = readMutants(ROOT);
  let options: MutantOptions;
  let chosen: readonly Mutant[];
  try {
    options = parseOptions(args);
    chosen = choose(mutants, options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (options.help) return print(HELP);
  if (options.table) return print(noticeTable(SCENARIOS, readRecord(options.record ?? '')));
  if (options.list) return print(`${listing(SCENARIOS, mutants)}\n`);
  return tryAll(chosen, options);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

async function tryAll(mutants: readonly Mutant[], options: MutantOptions): Promise<number> {
  const stop = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (signal: NodeJS.Signals) => stop.abort(signal);
  for (const signal of signals) process.on(signal, onSignal);
  const { seed, every, runs, record } = options;
  const known = record === undefined ? [] : readRecord(record);
  const left = mutants.filter(({ name }) => !known.some(({ mutant }) => mutant === name));
  if (left.length < mutants.length) {
    process.stderr.write(`${mutants.length - left.length} are in the record already\n`);
  }
  const trials = { root: ROOT, seed, every, runs, passing: new Set<string>(), signal: stop.signal };
  const run = new Run(left, options, trials);
  try {
    await run.all();
  } catch (error) {
    if (!stop.signal.aborted) {
      process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
      return 3;
    }
    const signal: NodeJS.Signals = stop.signal.reason;
    return 128 + constants.signals[signal];
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
  return run.summary();
}

/** Tries the mutants, some at a time, and prints each row once those before it are there. */
class Run {
  readonly #mutants: readonly Mutant[];
  readonly #options: MutantOptions;
  readonly #trials: Trials;
  readonly #done: (Trial | undefined)[];
  #next = 0;
  #printed = 0;

  constructor(mutants: readonly Mutant[], options: MutantOptions, trials: Trials) {
    this.#mutants = mutants;
    this.#options = options;
    this.#trials = trials;
    this.#done = mutants.map(() => undefined);
  }

  async all(): Promise<void> {
    const { jobs, json, seed, sample } = this.#options;
    if (!json) {
      const names = this.#mutants.map(({ name }) => name).join(', ');
      say(`seed ${seed}${sample === undefined ? '' : `: ${names}`}`);
    }
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#trials.signal, stop.signal]);
    const workers = Array.from({ length: Math.min(jobs, this.#mutants.length) }, () =>
      this.#work({ ...this.#trials, signal }).catch((error) => {
        stop.abort(error);
        throw error;
      }),
    );
    // Each has to be over, and its tree gone, before anything is said about a failure.
    const ended = await Promise.allSettled(workers);
    clearProgress();
    if (ended.some(({ status }) => status === 'rejected')) throw signal.reason;
  }

  async #work(trials: Trials): Promise<void> {
    await using tree = await ThrowAwayTree.copy(trials.root);
    const trier = new Trier(trials, tree);
    for (;;) {
      const place = this.#next++;
      const mutant = this.#mutants[place];
      if (mutant === undefined) return;
      this.#progress(mutant);
      const trial = await trier.try(mutant);
      this.#done[place] = trial;
      if (this.#options.record !== undefined) addToRecord(this.#options.record, trial);
      this.#printDone();
    }
  }

  #progress({ name }: Mutant): void {
    if (!process.stderr.isTTY || this.#options.json) return;
    const count = this.#done.filter((trial) => trial !== undefined).length;
    clearProgress();
    process.stderr.write(`${count} of ${this.#mutants.length}; now ${name}`);
  }

  #printDone(): void {
    for (;;) {
      const trial = this.#done[this.#printed];
      if (trial === undefined) return;
      const before = this.#mutants[this.#printed - 1]?.scenario;
      this.#printed++;
      clearProgress();
      const { scenario } = trial.mutant;
      const title = SCENARIOS.find(({ number }) => number === scenario);
      if (!this.#options.json && scenario !== before && title !== undefined)
        say(scenarioRow(title));
      say(this.#options.json ? trialJson(trial) : trialRow(trial));
    }
  }

  summary(): number {
    const trials = this.#done.filter((trial) => trial !== undefined);
    const planted = trials.length;
    const caught = trials.filter(({ notices }) => notices.length > 0).length;
    if (this.#options.json) {
      say(JSON.stringify({ planted, caught, seed: this.#options.seed }));
    } else {
      const all = this.#options.only.length === 0 && this.#options.sample === undefined;
      if (all) say(['', 'Without a mutant:', ...absentRows(SCENARIOS)].join('\n'));
      for (const line of outdatedHints(trials)) say(line);
      say(`\nmutants: ${planted} planted, ${caught} caught`);
    }
    return caught === planted ? 0 : 1;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main(process.argv.slice(2));
}
