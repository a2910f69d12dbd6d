import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const VITEST = 'node_modules/vitest/vitest.mjs';
const MAX_SEED = 2 ** 32 - 1;
const DEFAULT_SECONDS = 10;

const HELP = `Usage: npm run fuzz -- [--seed S] [--seconds T] [DECODER...]

Gives each decoder of bytes from a disk or the network what its encoder makes, with bytes and fields
changed, and random bytes; one decoder after the other. It must refuse them with the error that it
documents or make sense of them, end, take no more memory than they are worth, and keep none.

  --seed S      what is tried follows from it, 0 to ${MAX_SEED}; random when not given
  --seconds T   for each decoder, 0.1 to 86400; ${DEFAULT_SECONDS}
  DECODER       by the name that its line begins with; all when none is given
  --help        prints this

Exit codes: 0 nothing was found; 1 something was; 2 wrong usage, or no such decoder.
`;

interface Arguments {
  readonly seed: number;
  readonly seconds: number;
  readonly decoders: readonly string[];
}

function parse(args: readonly string[]): Arguments | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: `${randomInt(MAX_SEED + 1)}` },
      seconds: { type: 'string', default: `${DEFAULT_SECONDS}` },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const wrong = positionals.find((name) => !/^[a-z-]+$/.test(name));
  if (wrong !== undefined) throw new TypeError(`"${wrong}" is no decoder's name`);
  return {
    seed: Math.floor(number('seed', values.seed, 0, MAX_SEED)),
    seconds: number('seconds', values.seconds, 0.1, 86_400),
    decoders: positionals,
  };
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max) return value;
  throw new TypeError(`--${name} takes a number from ${min} to ${max}, not "${text}"`);
}

/** Runs the tests beside the decoders for longer; says a line each, and all when one fails. */
async function fuzz({ seed, seconds, decoders }: Arguments): Promise<number> {
  const options = ['--maxWorkers=1', '--testTimeout=0', '--disableConsoleIntercept'];
  const names = decoders.length === 0 ? [] : ['-t', `^(${decoders.join('|')})$`];
  const child = spawn(process.execPath, [VITEST, 'run', ...options, ...names, '.fuzz.test.'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FUZZ_SEED: `${seed}`, FUZZ_SECONDS: `${seconds}`, NO_COLOR: '1' },
  });
  const others: string[] = [];
  let found = 0;
  const read = async (stream: NodeJS.ReadableStream) => {
    for await (const line of createInterface({ input: stream })) {
      if (line.startsWith('fuzz ')) {
        found++;
        process.stdout.write(`${line}\n`);
      } else {
        others.push(line);
      }
    }
  };
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await Promise.all([read(child.stdout), read(child.stderr)]);
  if ((await ended) !== 0) {
    process.stdout.write(`${others.join('\n')}\n`);
    return 1;
  }
  if (found > 0) return 0;
  process.stderr.write(`no decoder is called ${decoders.join(' or ')}\n`);
  return 2;
}

async function main(args: readonly string[]): Promise<number> {
  let parsed: Arguments | undefined;
  try {
    parsed = parse(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  if (parsed !== undefined) return await fuzz(parsed);
  process.stdout.write(HELP);
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main(process.argv.slice(2));
}
