import { type HistoryEvent, NEMESIS } from '../../histories/history-event.js';
import type { Checker } from '../checker.js';
import { linearTimeChecker } from '../violations.js';
import { FaultWatch } from './fault-watch.js';

const MS_A_SECOND = 1000;
/** Seconds that are told one by one at most, as any file may say that it took very long. */
const MAX_SECONDS = 100_000;

export interface AvailabilityLimits {
  /** Without any answer while calls wait, outside of faults; longer is a violation. Not given: measured only. */
  readonly maxSilenceMs?: number;
}

/**
 * Measures how well clients were served: the share of calls that were answered, by the second in which they
 * were called, and the longest times in which calls waited and none was answered: during faults, after
 * they were healed until the next one, and before the first. A refusal counts as an answer where the
 * workload has it for one.
 *
 * Proves nothing about safety; with a limit, that the system serves again so soon after each fault. Cannot
 * see what clients would have got that were not there.
 */
export function availabilityChecker({ maxSilenceMs }: AvailabilityLimits = {}): Checker {
  return linearTimeChecker(
    'availability',
    maxSilenceMs === undefined
      ? 'nothing: it measures how many calls were answered, and the longest silence'
      : `calls are answered again within ${maxSilenceMs} ms of each healing`,
    ({ events }, violations) => {
      const silences = new Silences();
      for (const event of events) silences.take(event);
      const { before, during, after } = silences.longest;
      for (const silence of [before, after]) {
        const ms = silence.toMs - silence.fromMs;
        if (maxSilenceMs === undefined || ms <= maxSilenceMs) continue;
        violations.add(
          [
            `No call was answered from ${secondsOf(silence.fromMs)} to ${secondsOf(silence.toMs)}, ${Math.round(ms)} ms, although calls waited and no fault was in force.`,
          ],
          silence.call === undefined ? [] : [silence.call],
        );
      }
      return {
        ...callsBySecond(events),
        longestSilenceBeforeFaultsMs: lengthOf(before),
        longestSilenceInFaultsMs: lengthOf(during),
        longestSilenceAfterHealingMs: lengthOf(after),
      };
    },
  );
}

/** A time in which calls waited and none was answered. */
interface Silence {
  readonly fromMs: number;
  readonly toMs: number;
  /** The call that was answered first then. */
  readonly call: number | undefined;
}

const NO_SILENCE: Silence = { fromMs: 0, toMs: 0, call: undefined };

function lengthOf({ fromMs, toMs }: Silence): number {
  return Math.round(toMs - fromMs);
}

function secondsOf(atMs: number): string {
  return `${(atMs / MS_A_SECOND).toFixed(3)} s`;
}

/** Follows a history, and keeps its longest silences. */
class Silences {
  readonly longest = { before: NO_SILENCE, during: NO_SILENCE, after: NO_SILENCE };
  readonly #faults = new FaultWatch();
  #waiting = 0;
  #fromMs = 0;

  take(event: HistoryEvent): void {
    const phase = this.#faults.phase;
    if (event.process === NEMESIS) {
      this.#faults.take(event);
      // A silence goes on through what begins or ends within it, and counts for each phase by itself.
      if (this.#faults.phase !== phase) this.#end(phase, event.atMs, undefined);
      return;
    }
    if (event.type === 'invoke') {
      if (this.#waiting === 0) this.#fromMs = event.atMs;
      this.#waiting += 1;
      return;
    }
    const isLast = this.#waiting === 1;
    if (event.type === 'ok' || isLast) this.#end(phase, event.atMs, event.call);
    this.#waiting -= 1;
  }

  #end(phase: keyof Silences['longest'], toMs: number, call: number | undefined): void {
    const { fromMs, toMs: endMs } = this.longest[phase];
    if (this.#waiting > 0 && toMs - this.#fromMs > endMs - fromMs) {
      this.longest[phase] = { fromMs: this.#fromMs, toMs, call };
    }
    this.#fromMs = toMs;
  }
}

function callsBySecond(events: readonly HistoryEvent[]) {
  const called: number[] = [];
  const answered: number[] = [];
  let [calls, answers] = [0, 0];
  for (const event of events) {
    if (event.process === NEMESIS) continue;
    if (event.type === 'invoke') {
      calls += 1;
      count(called, event.atMs);
    } else if (event.type === 'ok') {
      answers += 1;
      count(answered, events[event.call]?.atMs ?? event.atMs);
    }
  }
  const shares = Array.from(called, (each = 0, second) =>
    each === 0 ? null : Number(((answered[second] ?? 0) / each).toFixed(4)),
  );
  const share = calls === 0 ? null : Number((answers / calls).toFixed(4));
  return { calls, answered: answers, answeredShare: share, answeredShareBySecond: shares };
}

function count(bySecond: number[], atMs: number): void {
  const second = Math.floor(atMs / MS_A_SECOND);
  if (second >= MAX_SECONDS) return;
  while (bySecond.length <= second) bySecond.push(0);
  bySecond[second] = (bySecond[second] ?? 0) + 1;
}
