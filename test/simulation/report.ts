import { describeFault } from './faults/fault.js';
import type { Shrunk } from './shrink.js';
import { DEFAULT_RUN_MS, type RunRequest, type RunResult } from './simulation.js';

/** The line to paste that shows a failed run again. */
function replayCommand(
  { seed, runMs = DEFAULT_RUN_MS, members, mounts }: RunRequest,
  faults: readonly number[] | undefined,
): string {
  const parts = [`npm run simulate -- --seed ${seed}`];
  if (members !== undefined) parts.push(`--members ${members}`);
  if (mounts === true) parts.push('--mounts');
  if (runMs !== DEFAULT_RUN_MS) parts.push(`--seconds ${runMs / 1000}`);
  if (faults !== undefined)
    parts.push(`--faults ${faults.length === 0 ? 'none' : faults.join(',')}`);
  return [...parts, '--trace'].join(' ');
}

/** Which property, what broke it, under which faults, and how to see it again. */
export function describeViolation(request: RunRequest, failed: RunResult, shrunk?: Shrunk): string {
  const result = shrunk?.result ?? failed;
  const { violation, schedule, traceHash } = result;
  const all = failed.schedule.length;
  const shortened = schedule.length < all;
  const faults = shortened ? schedule.map(({ number }) => number) : request.faults;
  return [
    `Property violated: ${violation?.property}`,
    `  ${violation?.message}`,
    `  at ${violation?.atMs.toFixed(3)} virtual ms of seed ${request.seed}, trace ${traceHash}`,
    shortened
      ? `Faults, ${schedule.length} of ${all} (found in ${shrunk?.runs} runs):`
      : `Faults, ${all}:`,
    ...schedule.map((fault) => `  ${describeFault(fault)}`),
    ...(shrunk?.repeatable === false ? ['The same run did not fail again.'] : []),
    'To see it again:',
    `  ${replayCommand(request, faults)}`,
  ].join('\n');
}
