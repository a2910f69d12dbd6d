import type { CheckResult } from '../checkers/checker.js';
import type { Cluster } from '../cluster/cluster.js';
import { pause } from './pause.js';

/** Between two attempts to start a member that ended again. */
const AGAIN_MS = 500;
const LOOK_MS = 20;

/** Undoes what is left of any fault, and starts who does not run; why members could not be started, a sentence each. */
export async function restoreMembers(
  cluster: Cluster,
  patienceMs: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await cluster.network.heal();
  const restored = cluster.members.map(async ({ id, name }) => {
    const failure = await restore(id, cluster, patienceMs, signal);
    return failure === undefined ? [] : [`${name} does not start again: ${failure}`];
  });
  return (await Promise.all(restored)).flat();
}

async function restore(
  id: number,
  cluster: Cluster,
  patienceMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  cluster.resume(id);
  for (const endMs = performance.now() + patienceMs; ; ) {
    signal.throwIfAborted();
    if (cluster.isRunning(id)) return undefined;
    try {
      await cluster.start(id, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (performance.now() >= endMs) return error instanceof Error ? error.message : `${error}`;
      await pause(AGAIN_MS, signal);
    }
  }
}

/** What healing came to. */
export function recoveryResult(
  notStarted: readonly string[],
  isServing: boolean,
  patienceMs: number,
  openFailure: string | undefined,
  endedEarly: boolean,
): CheckResult {
  const lines = [
    ...notStarted,
    ...(isServing
      ? []
      : [
          `Nothing was answered for ${patienceMs / 1000} s after the last fault was healed.`,
          ...(openFailure === undefined ? [] : [`A client could not be opened: ${openFailure}`]),
        ]),
  ];
  return {
    checker: 'recovery',
    verdict: lines.length === 0 ? 'valid' : 'invalid',
    findings: lines.length === 0 ? [] : [{ lines, calls: [] }],
    // As there were as many events as one history may have.
    figures: endedEarly ? { endedEarly } : {},
  };
}

/** Resolves once clients have been answered again, and have then gone on for `settleMs`; false: they were not. */
export async function servesAgain(
  answered: () => number,
  settleMs: number,
  patienceMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const before = answered();
  const endMs = performance.now() + patienceMs;
  while (answered() === before) {
    if (signal.aborted || performance.now() >= endMs) return false;
    await pause(LOOK_MS, signal);
  }
  await pause(settleMs, signal);
  return true;
}
