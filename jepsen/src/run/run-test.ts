import { setMaxListeners } from 'node:events';
import { rm } from 'node:fs/promises';
import type { CheckResult, Verdict } from '../checkers/checker.js';
import type { Cluster } from '../cluster/cluster.js';
import { JepsenError } from '../errors.js';
import { NemesisComposition } from '../nemeses/composition.js';
import { Random } from '../random.js';
import { HISTORY_FILE, ROLES_FILE, type StoredResults } from '../store/stored-results.js';
import { TestDirectory } from '../store/test-directory.js';
import { checkersOfTest } from './checkers-of-test.js';
import { ClientLoad } from './client-load.js';
import { compareMembers } from './compare-members.js';
import { makeFinalCalls } from './final-calls.js';
import { judge, verdictOf } from './judge.js';
import { memberEnds } from './member-ends.js';
import { untilAnswered, untilEnough } from './pacing.js';
import type { Phase, Progress } from './progress.js';
import { RecordedHistory } from './recorded-history.js';
import { recoveryResult, restoreMembers, servesAgain } from './recovery.js';
import { watchRoles } from './role-watch.js';
import { headerOf, type TestPlan, testName, workloadOptions } from './test-plan.js';
import { writeReport } from './write-report.js';

/** Clients go on for so long once they are answered again: whether it lasts. */
const SETTLE_MS = 2_000;

export interface TestSurroundings {
  /** Ends the test early; it rejects with the signal's reason once nothing is left running. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Commands by which a person does this again. */
  readonly commands: (directory: string) => readonly string[];
  /** Makes what is put under test; no member runs yet. */
  startCluster(directory: string, signal: AbortSignal): Promise<Cluster>;
}

/** What became of a test. */
export interface TestOutcome {
  readonly directory: string;
  readonly verdict: Verdict;
  readonly results: StoredResults;
}

/**
 * One test from beginning to end. Rejects with a JepsenError where the test itself failed: CLUSTER_FAILED,
 * NEMESIS_UNAVAILABLE, STORE_FAILED, OPTIONS_INVALID.
 */
export async function runTest(
  plan: TestPlan,
  surroundings: TestSurroundings,
): Promise<TestOutcome> {
  const startedAt = new Date();
  const directory = await TestDirectory.create(plan.store, testName(plan), startedAt);
  const test = new RunningTest(plan, surroundings, directory);
  try {
    return await test.run(startedAt);
  } catch (thrown) {
    const error = firstOf(thrown);
    if (!(error instanceof JepsenError)) throw error;
    if (NOTHING_RAN.has(error.code)) {
      await directory.discard();
      throw error;
    }
    // Whoever looks into it needs to know where.
    throw new JepsenError(error.code, `${error.message} (logs: ${directory.path})`);
  }
}

const NOTHING_RAN: ReadonlySet<string> = new Set(['NEMESIS_UNAVAILABLE', 'SYSTEM_UNAVAILABLE']);

/** What came first, where something failed while what was open for it was closed. */
function firstOf(error: unknown): unknown {
  const isLater = error instanceof Error && error.name === 'SuppressedError';
  return isLater && 'suppressed' in error ? firstOf(error.suppressed) : error;
}

/** What is left to tell of a cluster that has gone. */
interface ClusterRecord {
  readonly members: Cluster['members'];
  /** What was seen beside the history. */
  readonly results: readonly CheckResult[];
}

class RunningTest {
  readonly #plan: TestPlan;
  readonly #surroundings: TestSurroundings;
  readonly #directory: TestDirectory;
  readonly #random: Random;
  #phaseBeganMs = performance.now();

  constructor(plan: TestPlan, surroundings: TestSurroundings, directory: TestDirectory) {
    this.#plan = plan;
    this.#surroundings = surroundings;
    this.#directory = directory;
    this.#random = new Random(plan.seed);
    // Members, clients and checkers' threads wait for it at once.
    setMaxListeners(0, surroundings.signal);
  }

  async run(startedAt: Date): Promise<TestOutcome> {
    const plan = this.#plan;
    const { signal } = this.#surroundings;
    const header = headerOf(plan, startedAt);
    await using history = await RecordedHistory.create(
      this.#directory.file(HISTORY_FILE),
      header,
      plan.maxEvents,
    );
    const beganMs = performance.now();
    const { members, results: ownResults } = await this.#withCluster(history);
    const durationMs = Math.round(performance.now() - beganMs);
    signal.throwIfAborted();
    await history.writer.close();
    this.#enter('checking', history);
    const checkers = checkersOfTest(plan.workload, header);
    const judged = await judge(history.history(), checkers, plan.check, signal);
    const results = [...judged, ...ownResults];
    const verdict = verdictOf(results);
    const stored: StoredResults = {
      format: 1,
      verdict,
      header,
      counts: history.counts,
      faults: history.faults,
      durationMs,
      longestSilenceAfterHealingMs: longestSilenceAfterHealingMs(judged),
      results,
      members: members.map(({ id, name }) => ({ id, name })),
      commands: this.#surroundings.commands(this.#directory.path),
    };
    await this.#directory.writeResults(stored);
    await writeReport(this.#directory, history.history(), stored, members);
    if (verdict === 'valid' && plan.keepsData === 'violation') {
      await Promise.all(
        members.map((member) => rm(member.directory, { recursive: true, force: true })),
      );
    }
    return { directory: this.#directory.path, verdict, results: stored };
  }

  /** All that needs the cluster; nothing of it is left when this ends, however it does. */
  async #withCluster(history: RecordedHistory): Promise<ClusterRecord> {
    const { signal, startCluster } = this.#surroundings;
    this.#enter('starting', history);
    await using cluster = await startCluster(this.#directory.path, signal);
    const random = this.#random.fork();
    const faults = new NemesisComposition({
      cluster,
      nemeses: this.#plan.nemeses,
      random,
      maxHealingMs: this.#plan.patienceMs,
    });
    await faults.prepare();
    await Promise.all(cluster.members.map(({ id }) => cluster.start(id, signal)));
    const ended = new AbortController();
    const watched = AbortSignal.any([signal, ended.signal]);
    const nowMs = () => history.writer.atMs;
    const watching = watchRoles(cluster, this.#directory.file(ROLES_FILE), nowMs, watched);
    try {
      const results = await this.#useCluster(cluster, faults, history);
      return {
        members: cluster.members,
        results: [...results, memberEnds(cluster, this.#plan.nemeses)],
      };
    } finally {
      ended.abort();
      await watching;
    }
  }

  async #useCluster(
    cluster: Cluster,
    faults: NemesisComposition,
    history: RecordedHistory,
  ): Promise<readonly CheckResult[]> {
    const plan = this.#plan;
    const { signal } = this.#surroundings;
    const generator = plan.workload.generator(this.#random.fork(), workloadOptions(plan));
    const paces = this.#random.fork();
    await using load = new ClientLoad(plan, cluster.members, history, generator, paces);
    const recovery = await this.#withLoad(load, cluster, faults, history);
    this.#enter('reading', history);
    const finalCalls = plan.workload.finalCalls(workloadOptions(plan));
    const read = await makeFinalCalls(finalCalls, load.callers, plan.patienceMs, signal);
    this.#enter('comparing', history);
    await compareMembers(cluster, history, plan.patienceMs, signal);
    signal.throwIfAborted();
    return [recovery, read];
  }

  /** Clients call while the faults strike, and on until the cluster serves again. */
  async #withLoad(
    load: ClientLoad,
    cluster: Cluster,
    faults: NemesisComposition,
    history: RecordedHistory,
  ): Promise<CheckResult> {
    const { signal } = this.#surroundings;
    const stop = new AbortController();
    // What ends the load early, such as a full disk, ends the rest too.
    const failed = new AbortController();
    const running = load.run(AbortSignal.any([signal, stop.signal])).catch((error: unknown) => {
      failed.abort(error);
    });
    const either = AbortSignal.any([signal, failed.signal]);
    setMaxListeners(0, either);
    try {
      this.#enter('running', history);
      const notHealed = await this.#strike(faults, history, either);
      either.throwIfAborted();
      this.#enter('healing', history);
      const notStarted = await restoreMembers(cluster, this.#plan.patienceMs, either);
      const recovery = await this.#recover([...notHealed, ...notStarted], load, history, either);
      either.throwIfAborted();
      return recovery;
    } finally {
      stop.abort();
      await running;
    }
  }

  /** Faults strike for the time of the test, and are healed; what could not be, a sentence each. */
  async #strike(
    faults: NemesisComposition,
    history: RecordedHistory,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const told = setInterval(() => this.#tell('running', history), PROGRESS_MS);
    const { pacing, timeMs: durationMs } = this.#plan;
    const enough = new AbortController();
    const until = AbortSignal.any([signal, enough.signal, history.full]);
    let pacer: Promise<void> | undefined;
    try {
      if (pacing !== undefined) {
        const late = AbortSignal.timeout(durationMs);
        await untilAnswered(pacing, history, AbortSignal.any([signal, late]));
        pacer = untilEnough(pacing, history, until).then(() => enough.abort());
      }
      await faults.run({ recorder: history.writer, durationMs, signal: until });
      return [];
    } catch (error) {
      // A member that does not come back is what the test is to find.
      if (error instanceof JepsenError && error.code === 'CLUSTER_FAILED') return [error.message];
      throw error;
    } finally {
      clearInterval(told);
      enough.abort();
      await pacer;
    }
  }

  async #recover(
    notStarted: readonly string[],
    load: ClientLoad,
    history: RecordedHistory,
    signal: AbortSignal,
  ): Promise<CheckResult> {
    const { timeMs, pacing, patienceMs } = this.#plan;
    const settleMs = pacing === undefined ? Math.min(SETTLE_MS, timeMs) : 0;
    const answered = () => history.counts.ok;
    const isServing = await servesAgain(answered, settleMs, patienceMs, signal);
    const { openFailure } = load;
    return recoveryResult(notStarted, isServing, patienceMs, openFailure, history.full.aborted);
  }

  #enter(phase: Phase, history: RecordedHistory): void {
    this.#phaseBeganMs = performance.now();
    this.#tell(phase, history);
  }

  #tell(phase: Phase, history: RecordedHistory): void {
    const { ok, fail, info } = history.counts;
    const phaseMs = performance.now() - this.#phaseBeganMs;
    this.#surroundings.onProgress({ phase, phaseMs, ok, fail, info, faults: history.faultCount });
  }
}

const PROGRESS_MS = 500;

/** As the checker of availability measured it. */
function longestSilenceAfterHealingMs(results: readonly CheckResult[]): number | null {
  const figures = results.map((result) => result.figures.longestSilenceAfterHealingMs);
  return figures.find((figure) => typeof figure === 'number') ?? null;
}
