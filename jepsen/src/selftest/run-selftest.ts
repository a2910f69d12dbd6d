import { join } from 'node:path';
import type { CheckResult, Verdict } from '../checkers/checker.js';
import { JepsenError } from '../errors.js';
import { readHistory } from '../histories/file/read-history.js';
import type { History } from '../histories/history.js';
import { eachOf } from '../matrix/each-of.js';
import { Random } from '../random.js';
import { checkersOfTest } from '../run/checkers-of-test.js';
import { judge } from '../run/judge.js';
import { runTest, type TestOutcome } from '../run/run-test.js';
import { startCluster } from '../run/start-cluster.js';
import type { CheckLimits, Pacing, TestPlan } from '../run/test-plan.js';
import { HISTORY_FILE } from '../store/stored-results.js';
import type { Suite } from '../suites/suite.js';
import { WORKLOADS, workloadNamed } from '../workloads/known-workloads.js';
import type { Workload } from '../workloads/workload.js';
import { FALSIFICATIONS, type Falsification, falsify } from './falsifications.js';
import { SELFTESTS, type Selftest } from './selftests.js';

/** Tests at a time: most of a test is waiting. */
const WIDTH = 2;
/** The most that a test takes, where the machine is too slow for what is to happen. */
const MAX_MS = 60_000;
const CLIENTS = 10;
const CALLS_PER_SECOND = 200;
const CALL_TIMEOUT_MS = 5_000;
const ANSWERS = 150;
const PATIENCE_MS = 300_000;
/** For what may never be again. */
const NO_PATIENCE_MS = 3_000;

export interface SelftestOptions {
  readonly seed: number;
  /** Names of selftests; undefined: all. */
  readonly only: readonly string[] | undefined;
  readonly network: TestPlan['network'];
  readonly store: string;
  readonly check: CheckLimits;
  readonly signal: AbortSignal;
  /** Called with each result as it comes. */
  readonly onResult: (result: SelftestResult) => void;
  /** Called when a test begins or ends, with those under way. */
  readonly onProgress: (done: number, all: number, running: readonly string[]) => void;
}

/** What became of one thing that the tool has to find, or of a right system that it has to find valid. */
export interface SelftestResult {
  readonly selftest: string;
  readonly kind: 'planted bug' | 'falsified history' | 'right system';
  /** What is wrong, or is tested. */
  readonly what: string;
  /** As it has to be; not as it has to be; a limit was reached; not to be had here; the test itself failed. */
  readonly outcome: 'ok' | 'wrong' | 'unknown' | 'skipped' | 'failed';
  /** The checker that has to find it. */
  readonly expected?: string;
  /** Checkers that found something. */
  readonly foundBy: readonly string[];
  /** What the expected checker says first, or why there is no result. */
  readonly said: string;
  /** Where the test is kept. */
  readonly directory?: string;
  readonly durationMs: number;
}

/** Runs them all, and resolves with the results in the order in which they came. */
export async function runSelftest(options: SelftestOptions): Promise<readonly SelftestResult[]> {
  const chosen = chooseSelftests(options.only);
  const results: SelftestResult[] = [];
  const running = new Set<string>();
  let done = 0;
  const tell = () => options.onProgress(done, chosen.length, [...running]);
  await eachOf(chosen, WIDTH, options.signal, async (selftest, signal) => {
    running.add(selftest.name);
    tell();
    for await (const result of resultsOf(selftest, { ...options, signal })) {
      results.push(result);
      options.onResult(result);
    }
    running.delete(selftest.name);
    done += 1;
    tell();
  });
  return results;
}

/** @throws JepsenError OPTIONS_INVALID where there is none of that name */
function chooseSelftests(only: readonly string[] | undefined): readonly Selftest[] {
  const names = SELFTESTS.map(({ name }) => name);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const message = `there is no selftest ${unknown}; there are ${names.join(', ')}`;
    throw new JepsenError('OPTIONS_INVALID', message);
  }
  return SELFTESTS.filter(({ name }) => only === undefined || only.includes(name));
}

async function* resultsOf(
  selftest: Selftest,
  options: SelftestOptions,
): AsyncGenerator<SelftestResult> {
  const { name, planted } = selftest;
  const reason = await selftest.unavailable?.();
  if (reason !== undefined) {
    const what = planted?.bug ?? testOf(selftest);
    const skipped = { outcome: 'skipped', foundBy: [], said: reason, durationMs: 0 } as const;
    yield { selftest: name, kind: 'planted bug', what, ...skipped };
    return;
  }
  if (planted !== undefined) {
    const patienceMs = planted.isForGood === true ? NO_PATIENCE_MS : PATIENCE_MS;
    const ran = await timed(selftest, await planted.load(), patienceMs, options);
    yield plantedResult(selftest, ran);
  }
  const ran = await timed(selftest, await selftest.loadClean(), PATIENCE_MS, options);
  yield cleanResult(selftest, ran);
  if (ran.outcome?.verdict !== 'valid' || !isFirstOfWorkload(selftest)) return;
  // An answer of a history that is right is altered, whatever faults struck meanwhile.
  const { history } = await readHistory(join(ran.outcome.directory, HISTORY_FILE), options.signal);
  for (const falsification of FALSIFICATIONS) {
    if (falsification.workload === selftest.workload) {
      yield await falsifiedResult(selftest, history, falsification, options);
    }
  }
}

function isFirstOfWorkload(selftest: Selftest): boolean {
  return SELFTESTS.find(({ workload }) => workload === selftest.workload) === selftest;
}

interface Ran {
  /** Undefined: the test itself failed. */
  readonly outcome: TestOutcome | undefined;
  readonly failure: string;
  readonly durationMs: number;
}

/** One test; what keeps it from being carried out is a result, too. */
async function timed(
  selftest: Selftest,
  suite: Suite,
  patienceMs: number,
  options: SelftestOptions,
): Promise<Ran> {
  const beganMs = performance.now();
  const durationMs = () => Math.round(performance.now() - beganMs);
  const plan = planOf(selftest, suite, patienceMs, options);
  try {
    const outcome = await runTest(plan, {
      signal: options.signal,
      onProgress: () => {},
      commands: (directory) => [
        `npm run jepsen -- selftest --only ${selftest.name} --seed ${options.seed}`,
        `npm run jepsen -- check ${join(directory, HISTORY_FILE)}`,
      ],
      startCluster: (directory, signal) =>
        startCluster({ ...plan, patienceMs: PATIENCE_MS }, directory, signal),
    });
    return { outcome, failure: '', durationMs: durationMs() };
  } catch (error) {
    options.signal.throwIfAborted();
    const failure = error instanceof Error ? error.message : String(error);
    return { outcome: undefined, failure, durationMs: durationMs() };
  }
}

function planOf(
  { workload, nemesis, members }: Selftest,
  suite: Suite,
  patienceMs: number,
  { seed, network, store, check }: SelftestOptions,
): TestPlan {
  const pacing: Pacing = { answers: ANSWERS, strikes: nemesis === undefined ? 0 : 1 };
  return {
    suite,
    workload: knownWorkload(workload),
    nemeses: nemesis === undefined ? [] : [nemesis],
    seed,
    timeMs: MAX_MS,
    pacing,
    members,
    clients: CLIENTS,
    callsPerSecond: CALLS_PER_SECOND,
    callTimeoutMs: CALL_TIMEOUT_MS,
    patienceMs,
    network,
    store,
    keepsData: 'violation',
    check,
  };
}

function knownWorkload(name: string): Workload {
  const workload = workloadNamed(name);
  if (workload !== undefined) return workload;
  throw new RangeError(`no workload ${name} among ${WORKLOADS.map((each) => each.name)}`);
}

function plantedResult({ name, planted }: Selftest, ran: Ran): SelftestResult {
  const { bug: what = '', foundBy: expected = '' } = planted ?? {};
  const result = { selftest: name, kind: 'planted bug', what, expected } as const;
  if (ran.outcome === undefined) return { ...result, ...failed(ran) };
  const { directory, results } = ran.outcome;
  const found = foundIn(results.results, expected);
  const outcome = found.isExpected ? 'ok' : 'wrong';
  return { ...result, outcome, ...found.told, directory, durationMs: ran.durationMs };
}

function cleanResult(selftest: Selftest, ran: Ran): SelftestResult {
  const result = { selftest: selftest.name, kind: 'right system', what: testOf(selftest) } as const;
  if (ran.outcome === undefined) return { ...result, ...failed(ran) };
  const { directory, verdict, results } = ran.outcome;
  const { told } = foundIn(results.results, undefined);
  return { ...result, outcome: OUTCOMES[verdict], ...told, directory, durationMs: ran.durationMs };
}

const OUTCOMES: Readonly<Record<Verdict, SelftestResult['outcome']>> = {
  valid: 'ok',
  invalid: 'wrong',
  unknown: 'unknown',
};

/** `register under partition-leader` */
export function testOf({ workload, nemesis }: Selftest): string {
  return `${workload} ${nemesis === undefined ? 'without faults' : `under ${nemesis.name}`}`;
}

function failed({ failure, durationMs }: Ran) {
  return { outcome: 'failed', foundBy: [], said: failure, durationMs } as const;
}

async function falsifiedResult(
  { name, workload }: Selftest,
  history: History,
  falsification: Falsification,
  { seed, check, signal }: SelftestOptions,
): Promise<SelftestResult> {
  const { lie: what, foundBy: expected } = falsification;
  const result = { selftest: name, kind: 'falsified history', what, expected } as const;
  const beganMs = performance.now();
  const falsified = falsify(history, falsification, new Random(seed));
  if (falsified === undefined) {
    const failure = 'the history has no answer that could be altered so';
    return { ...result, ...failed({ outcome: undefined, failure, durationMs: 0 }) };
  }
  const checkers = checkersOfTest(knownWorkload(workload), history.header);
  const results = await judge(falsified.history, checkers, check, signal);
  const { told, isExpected, calls } = foundIn(results, expected);
  const outcome = isExpected && calls.includes(falsified.call) ? 'ok' : 'wrong';
  return { ...result, outcome, ...told, durationMs: Math.round(performance.now() - beganMs) };
}

/** Which checkers found something, and what the expected one says; without it what any says. */
function foundIn(results: readonly CheckResult[], expected: string | undefined) {
  const found = results.filter(({ verdict }) => verdict === 'invalid');
  const named = results.find(({ checker }) => checker === expected);
  const telling = named ?? results.find(({ verdict }) => verdict !== 'valid');
  const findings = telling?.findings ?? [];
  return {
    told: {
      foundBy: found.map(({ checker }) => checker),
      said: findings[0]?.lines.slice(0, SAID_LINES).join(' ') ?? '',
    },
    isExpected: named?.verdict === 'invalid',
    calls: findings.flatMap(({ calls }) => calls),
  };
}

/** Of a finding; its test has the rest. */
const SAID_LINES = 2;
