import { parseArgs } from 'node:util';
import { freshSeed, MAX_SEED } from './seeds.js';
import { DEFAULT_RUN_MS } from './simulation.js';

/** Fewer runs need not have met everything: the rarest rows are met in 3 to 5 % of the runs. */
export const RUNS_FOR_COVERAGE = 300;
const DEFAULT_RUNS = 100;
const MIN_MEMBERS = 3;
const MAX_MEMBERS = 7;
const MAX_JOBS = 64;

export const HELP = `Usage: npm run simulate -- [--seed S] [--runs N] [--members M] [--seconds T]
                             [--faults F,F,...] [--mounts] [--jobs J] [--trace] [--json] [--no-shrink]

Runs clusters on a virtual clock, network and disks, under faults, and checks that Raft's
properties hold. Run k of N has the seed S + k; a run is a function of its seed alone.

  --seed S      the first seed, 0 to ${MAX_SEED}; random when not given
  --runs N      how many runs; ${DEFAULT_RUNS}, or 1 with --trace or --faults
  --members M   how many members a cluster begins with, ${MIN_MEMBERS} to ${MAX_MEMBERS}; drawn when not given
  --seconds T   virtual seconds a run takes, healing included; ${DEFAULT_RUN_MS / 1000}
  --faults F,.. only these of the seed's faults, by their numbers; "none" for none of them
  --mounts      with a storage that is mounted; drawn when not given
  --jobs J      processes that share the runs, 1 to ${MAX_JOBS}; 1
  --trace       prints what happens, event by event
  --json        prints one JSON object a run, and one with the totals at the end
  --no-shrink   does not look for the fewest faults that break the same property
  --help        prints this

Exit codes: 0 every property held and every kind of fault struck at least once; 1 a property was
violated; 2 wrong usage; 3 a kind of fault or an interesting state never happened (checked from
${RUNS_FOR_COVERAGE} runs on); 130 interrupted by Ctrl-C, 143 by SIGTERM: what the runs so far came to is
printed, and every property held in them.
`;

export interface Arguments {
  readonly seed: number;
  readonly runs: number;
  readonly members: number | undefined;
  readonly runMs: number;
  readonly faults: readonly number[] | undefined;
  /** Undefined: as drawn. */
  readonly mounts: true | undefined;
  readonly jobs: number;
  readonly trace: boolean;
  readonly json: boolean;
  readonly shrink: boolean;
}

/** Undefined when help was asked for. Throws a TypeError that says what is wrong. */
export function parseArguments(args: readonly string[]): Arguments | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      runs: { type: 'string' },
      members: { type: 'string' },
      seconds: { type: 'string' },
      faults: { type: 'string' },
      jobs: { type: 'string' },
      mounts: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'no-shrink': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { trace, json, seed, runs, members, seconds, jobs } = values;
  const faults = values.faults === undefined ? undefined : parseFaults(values.faults);
  const single = trace || faults !== undefined;
  return {
    seed: seed === undefined ? freshSeed() : whole('seed', seed, 0, MAX_SEED),
    runs: runs === undefined ? (single ? 1 : DEFAULT_RUNS) : whole('runs', runs, 1, 1_000_000),
    members:
      members === undefined ? undefined : whole('members', members, MIN_MEMBERS, MAX_MEMBERS),
    runMs:
      seconds === undefined ? DEFAULT_RUN_MS : number('seconds', seconds, 0.001, 86_400) * 1000,
    faults,
    mounts: values.mounts ? true : undefined,
    jobs: jobs === undefined || trace ? 1 : whole('jobs', jobs, 1, MAX_JOBS),
    trace,
    json,
    shrink: !values['no-shrink'],
  };
}

function parseFaults(text: string): readonly number[] {
  if (text === 'none') return [];
  return text.split(',').map((part) => whole('faults', part, 1, 1_000_000));
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max) return value;
  throw new TypeError(`--${name} takes a number from ${min} to ${max}, not "${text}"`);
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = number(name, text, min, max);
  if (Number.isInteger(value)) return value;
  throw new TypeError(`--${name} takes a whole number, not "${text}"`);
}
