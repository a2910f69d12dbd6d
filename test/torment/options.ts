import { parseArgs } from 'node:util';
import { freshSeed, MAX_SEED } from '../simulation/seeds.js';

const MAX_MINUTES = 7 * 24 * 60;
const MAX_CLIENTS = 100;
export const STORAGES = ['file', 'versitygw', 'moto', 'hdfs'] as const;
export type StorageName = (typeof STORAGES)[number];

export const HELP = `Usage: npm run torment -- [options]

Runs masters as processes with real storages mounted, while clients change things in them through the tree and others behind
its back, and lets happen to masters and storages what happens: kill -9, processes and servers that hang. Then looks whether
the tree is as the storages say, and as it was acknowledged. A storage whose server is absent is left out.

  --minutes M      how long; 0.1 to ${MAX_MINUTES}; 5
  --storages A,B   of ${STORAGES.join(', ')}; all
  --seed S         0 to ${MAX_SEED}; what happens follows from it, when it does not; random when not given
  --clients C      in each mount; 1 to ${MAX_CLIENTS}; 3
  --json           prints one JSON object at the end, and nothing else
  --help           prints this

Exit codes: 0 all is as it has to be; 1 it is not; 2 wrong usage.
`;

export interface TormentOptions {
  readonly minutes: number;
  readonly storages: readonly StorageName[];
  readonly seed: number;
  readonly clients: number;
  readonly json: boolean;
  readonly help: boolean;
}

/** Throws a TypeError that says what is wrong with the arguments. */
export function parseOptions(args: readonly string[]): TormentOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '5' },
      storages: { type: 'string', default: STORAGES.join(',') },
      seed: { type: 'string' },
      clients: { type: 'string', default: '3' },
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
    storages: values.storages.split(',').map(storageName),
    seed: values.seed === undefined ? freshSeed() : whole('seed', values.seed, 0, MAX_SEED),
    clients: whole('clients', values.clients, 1, MAX_CLIENTS),
    json: values.json,
    help: values.help,
  };
}

function storageName(text: string): StorageName {
  const name = STORAGES.find((each) => each === text);
  if (name !== undefined) return name;
  throw new TypeError(`--storages must be of ${STORAGES.join(', ')}, not "${text}"`);
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new TypeError(`--${name} must be a whole number from ${min} to ${max}, not "${text}"`);
}
