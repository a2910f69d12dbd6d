import { pause } from './pause.js';
import type { RecordedHistory } from './recorded-history.js';
import type { Pacing } from './test-plan.js';

const LOOK_MS = 20;

/** Resolves once so many more calls were answered, or the signal is aborted. */
export async function untilAnswered(
  { answers }: Pacing,
  history: RecordedHistory,
  signal: AbortSignal,
): Promise<void> {
  const least = history.counts.ok + answers;
  while (!signal.aborted && history.counts.ok < least) await pause(LOOK_MS, signal);
}

/** Resolves once all faults have struck and clients were answered since, or the signal is aborted. */
export async function untilEnough(
  pacing: Pacing,
  history: RecordedHistory,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && history.faultCount < pacing.strikes) await pause(LOOK_MS, signal);
  await untilAnswered(pacing, history, signal);
}
