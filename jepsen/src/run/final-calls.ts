import type { CheckResult } from '../checkers/checker.js';
import type { CallInput } from '../histories/history-event.js';
import type { Caller } from './caller.js';
import { pause } from './pause.js';

const AGAIN_MS = 100;

/** Makes each of the calls, by any of the clients, until it is answered. Where one is not, nobody knows what it would have told. */
export async function makeFinalCalls(
  calls: readonly CallInput[],
  callers: readonly Caller[],
  patienceMs: number,
  signal: AbortSignal,
): Promise<CheckResult> {
  const waiting = [...calls];
  const endMs = performance.now() + patienceMs;
  let unanswered = 0;
  await Promise.all(
    callers.map(async (caller) => {
      for (;;) {
        const input = waiting.shift();
        if (input === undefined || signal.aborted) return;
        if (!(await isAnswered(input, caller, endMs, signal))) unanswered++;
      }
    }),
  );
  const lines = [
    `${unanswered} of ${calls.length} calls at the end were not answered within ${patienceMs / 1000} s.`,
  ];
  return {
    checker: 'final calls',
    verdict: unanswered === 0 ? 'valid' : 'unknown',
    findings: unanswered === 0 ? [] : [{ lines, calls: [] }],
    figures: { calls: calls.length, unanswered },
  };
}

async function isAnswered(
  input: CallInput,
  caller: Caller,
  endMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    if ((await caller.call(input, signal)) !== undefined) return true;
    if (performance.now() >= endMs) return false;
    await pause(AGAIN_MS, signal);
  }
  return false;
}
