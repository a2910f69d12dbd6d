import { DEFAULT_RUN_MS, type RunResult } from './simulation.js';

/** Seeds are whole numbers from 0 to this. */
export const MAX_SEED = 2 ** 32 - 1;

/** A seed that nobody has chosen; leaves room above for those of further runs. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

/** The line to paste that shows a failed run again. */
function replayCommand({ seed, options }: Pick<RunResult, 'seed' | 'options'>): string {
  const seconds = options.runMs === DEFAULT_RUN_MS ? '' : ` --seconds ${options.runMs / 1000}`;
  return `npm run simulate -- --seed ${seed}${seconds} --trace`;
}

/** Which property, what broke it, and how to see it again. */
export function describeViolation(result: RunResult): string {
  const { violation, seed, traceHash } = result;
  return [
    `Property violated: ${violation?.property}`,
    `  ${violation?.message}`,
    `  at ${violation?.atMs.toFixed(3)} virtual ms of seed ${seed}, trace ${traceHash}`,
    'To see it again:',
    `  ${replayCommand(result)}`,
  ].join('\n');
}
