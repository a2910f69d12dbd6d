import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { freshSeed, MAX_SEED } from '../simulation/seeds.js';
import { CI_RUNS } from './checks.js';

const MAX_JOBS = 64;

export const HELP = `Usage: npm run mutants -- [options]

Plants known bugs of Raft implementations, one at a time, in a copy of this checkout, and runs unit
tests, scripts and ${CI_RUNS} runs of the simulation until one of them notices.

  --only N,M        only the mutants of these scenarios, or of these names
  --sample K        only K of them, chosen by the seed
  --seed S          0 to ${MAX_SEED}: of the sample and of the simulation; random when not given
  --every           goes on with the other kinds of checks when one has noticed the mutant
  --runs R          runs of the simulation at most; ${CI_RUNS} when not given
  --record FILE     keeps there, a line each, what became of the mutants, and tries those alone of
                    which it says nothing yet: a long run in pieces
  --table           prints what the record says, scenario by kind of check, and tries none
  --jobs N          mutants that are tried at the same time; 2, or 1 on a single core
  --list            prints the scenarios and their mutants, and tries none
  --json            prints one JSON object a mutant, and one with the totals at the end
  --help            prints this

Exit codes: 0 every mutant was noticed; 1 one survived; 2 wrong usage; 3 a patch does not apply or
compile any more, or a check fails without any mutant.
`;

export interface MutantOptions {
  /** Numbers of scenarios and names of mutants; empty for all. */
  readonly only: readonly string[];
  readonly sample: number | undefined;
  readonly seed: number;
  readonly every: boolean;
  /** Of the simulation, for one mutant. */
  readonly runs: number;
  readonly record: string | undefined;
  readonly table: boolean;
  readonly jobs: number;
  readonly list: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** Throws a TypeError that says what is wrong with the arguments. */
export function parseOptions(args: readonly string[]): MutantOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      sample: { type: 'string' },
      seed: { type: 'string' },
      every: { type: 'boolean', default: false },
      runs: { type: 'string' },
      record: { type: 'string' },
      table: { type: 'boolean', default: false },
      jobs: { type: 'string' },
      list: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { every, list, json, help, record, table } = values;
  if (table && record === undefined) throw new TypeError('--table needs --record');
  return {
    only: values.only.split(',').filter((name) => name !== ''),
    sample:
      values.sample === undefined
        ? undefined
        : whole('sample', values.sample, 1, Number.MAX_SAFE_INTEGER),
    seed: values.seed === undefined ? freshSeed() : whole('seed', values.seed, 0, MAX_SEED),
    jobs:
      values.jobs === undefined
        ? Math.min(2, availableParallelism())
        : whole('jobs', values.jobs, 1, MAX_JOBS),
    runs: values.runs === undefined ? CI_RUNS : whole('runs', values.runs, 1, MAX_SEED),
    every,
    record,
    table,
    list,
    json,
    help,
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new TypeError(`--${name} takes a whole number from ${min} to ${max}, not "${text}"`);
}
