import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./run.js', import.meta.url));

/** The last line and the exit code of a simulation that is sent `signal` once its first run is over. */
async function interrupted(signal: NodeJS.Signals) {
  const args = [PROGRAM, '--seed', '1', '--runs', '100000', '--seconds', '2', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let last = '';
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (++lines === 1) child.kill(signal);
  }
  return { last: JSON.parse(last) as Record<string, unknown>, code: await ended };
}

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'a simulation that %s ends says what its runs came to, and exits with %i',
  async (...given) => {
    const [signal, expected] = given;
    const { last, code } = await interrupted(signal);
    expect(code).toBe(expected);
    expect(last).toMatchObject({ interrupted: signal, seed: 1, missing: [] });
    expect(last.runs).toBeGreaterThan(0);
  },
);
