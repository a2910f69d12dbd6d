import type { Cluster } from '../cluster/cluster.js';
import { JepsenError } from '../errors.js';
import { type CallError, HEAL, NEMESIS } from '../histories/history-event.js';
import type { Random } from '../random.js';
import type { Holds } from './holds/holds.js';
import type { Nemesis, NemesisContext, Strike } from './nemesis.js';
import type { NemesisRecorder } from './nemesis-recorder.js';

/** A strike that is not in force by then is given up. */
const MAX_STRIKING_MS = 60_000;
/** Between those so many times as long and as short as on average. */
const SPREAD = 4;

/** What strikes of one nemesis after another need. */
export interface Schedule {
  readonly cluster: Cluster;
  readonly holds: Holds;
  readonly nemesis: Nemesis;
  readonly random: Random;
  readonly recorder: NemesisRecorder;
  /** No strike begins any more once it is aborted, and what is in force ends. */
  readonly over: AbortSignal;
  /** The test is to end early: the first strike is given up, too, for which it would otherwise be waited. */
  readonly ending: AbortSignal;
  readonly maxHealingMs: number;
  /** Of a pause, so that there are some strikes however short the test is. */
  readonly maxPauseMs: number;
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/**
 * Strikes again and again until it is over, and heals each time.
 * @throws JepsenError CLUSTER_FAILED where something can't be healed
 */
export async function runSchedule(schedule: Schedule): Promise<void> {
  const { nemesis, random, recorder, over, ending, maxPauseMs, pause } = schedule;
  let hasStruck = false;
  while (!over.aborted) {
    // Its own draws for each strike: how many one takes does not change the next.
    const drawn = random.fork();
    await pause(Math.min(maxPauseMs, around(nemesis.pausesMs, drawn)), over);
    const lastsMs = around(nemesis.lastsMs, drawn);
    if (over.aborted) return;
    const call = recorder.invoked({ process: NEMESIS, input: { kind: nemesis.name } });
    const strike = await begin(schedule, call, drawn.fork(), hasStruck ? over : ending);
    if (strike === undefined) continue;
    hasStruck = true;
    await pause(lastsMs, over);
    await end(schedule, call, strike);
  }
}

function around(mean: number, random: Random): number {
  return Math.min(mean * SPREAD, Math.max(mean / SPREAD, random.exponential(mean)));
}

async function begin(
  schedule: Schedule,
  call: number,
  random: Random,
  givenUp: AbortSignal,
): Promise<Strike | undefined> {
  const { cluster, holds, nemesis, recorder, pause } = schedule;
  const late = deadline(schedule, MAX_STRIKING_MS);
  const context: NemesisContext = {
    cluster,
    holds,
    random,
    pause,
    signal: AbortSignal.any([givenUp, late.signal]),
  };
  try {
    const strike = await nemesis.strike(context);
    recorder.ok(call, strike.input);
    return strike;
  } catch (failure) {
    // What it had done is undone: the next strike may fare better.
    const error = callError(failure);
    if (error.code === 'NEMESIS_UNAVAILABLE') recorder.fail(call, error);
    else recorder.info(call, error);
    return undefined;
  } finally {
    late.over();
  }
}

async function end(schedule: Schedule, fault: number, strike: Strike): Promise<void> {
  const { nemesis, recorder, maxHealingMs } = schedule;
  const call = recorder.invoked({ process: NEMESIS, input: { kind: HEAL, fault } });
  const late = deadline(schedule, maxHealingMs);
  try {
    const found = await Promise.race([strike.heal(), late.passed]);
    recorder.ok(call, found);
  } catch (failure) {
    const error = callError(failure);
    recorder.info(call, error);
    const what = `${nemesis.name} (call ${fault}) can't be healed: ${error.message}`;
    throw new JepsenError('CLUSTER_FAILED', what);
  } finally {
    late.over();
  }
}

interface Deadline {
  readonly signal: AbortSignal;
  /** Rejects where the time is up first. */
  readonly passed: Promise<never>;
  over(): void;
}

function deadline({ pause }: Pick<Schedule, 'pause'>, milliseconds: number): Deadline {
  const [late, done] = [new AbortController(), new AbortController()];
  const passed = (async () => {
    await pause(milliseconds, done.signal);
    if (done.signal.aborted) return await new Promise<never>(() => undefined);
    const failure = new JepsenError('CLUSTER_FAILED', `it took longer than ${milliseconds} ms`);
    late.abort(failure);
    throw failure;
  })();
  // Whoever does not wait for it is told by the signal.
  passed.catch(() => undefined);
  return { signal: late.signal, passed, over: () => done.abort() };
}

export function callError(failure: unknown): CallError {
  const code = failure instanceof JepsenError ? failure.code : 'NEMESIS_FAILED';
  return { code, message: failure instanceof Error ? failure.message : String(failure) };
}
