import { parseArgs } from 'node:util';
import { freshSeed, MAX_SEED } from '../simulation/seeds.js';

const MAX_MINUTES = 7 * 24 * 60;
const MAX_CLIENTS = 1_000;
const MAX_LOG_LIMIT = 1024;

export const HELP = `Usage: npm run endurance -- [options]

Runs masters as processes while a load creates and deletes, and lets happen to them at random what
happens in years: kill -9, restarts, all at once too, lost data, members that come, go and take the
place of others, handed over leads, backups. Then looks whether every member has what was acknowledged.

  --minutes M      how long; 0.1 to ${MAX_MINUTES}; 30
  --seed S         0 to ${MAX_SEED}; what happens follows from it, when it does not; random when not given
  --clients C      of the load, each of which does one thing after the other; 1 to ${MAX_CLIENTS}; 8
  --log-limit MiB  of each member; small, so that members fall behind it; 1 to ${MAX_LOG_LIMIT}; 4
  --json           prints one JSON object at the end, and nothing else
  --help           prints this

Exit codes: 0 all is there, on every member; 1 it is not; 2 wrong usage.
`;

export interface EnduranceOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly clients: number;
  readonly logLimit: number;
  readonly json: boolean;
  readonly help: boolean;
}

/** Throws a TypeError that says what is wrong with the arguments. */
export function parseOptions(args: readonly string[]): EnduranceOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string' },
      clients: { type: 'string', default: '8' },
      'log-limit': { type: 'string', default: '4' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes >= 0.1 && minutes <= MAX_MINUTES)) {
    throw new TypeError(`--minutes must be from 0.1 to ${MAX_MINUTES}, not "${values.minutes}"`);
  }
  return {
    minutes,
    seed: values.seed === undefined ? freshSeed() : whole('seed', values.seed, 0, MAX_SEED),
    clients: whole('clients', values.clients, 1, MAX_CLIENTS),
    logLimit: whole('log-limit', values['log-limit'], 1, MAX_LOG_LIMIT),
    json: values.json,
    help: values.help,
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new TypeError(`--${name} must be a whole number from ${min} to ${max}, not "${text}"`);
}
