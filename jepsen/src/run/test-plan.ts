import type { HistoryHeader } from '../histories/history.js';
import type { JsonObject } from '../histories/json.js';
import type { Nemesis } from '../nemeses/nemesis.js';
import type { Suite } from '../suites/suite.js';
import type { Workload, WorkloadOptions } from '../workloads/workload.js';

/** What a test does: together with the machine's moods it decides everything. */
export interface TestPlan {
  readonly suite: Suite;
  readonly workload: Workload;
  /** None: nothing is done to the cluster. */
  readonly nemeses: readonly Nemesis[];
  readonly seed: number;
  /** Of clients and faults, milliseconds; healing, reading and checking come behind it. */
  readonly timeMs: number;
  /** Has the test go by what happens, however slow the machine is; `timeMs` is then the most that it takes. */
  readonly pacing?: Pacing;
  readonly members: number;
  readonly clients: number;
  /** Of all clients together. */
  readonly callsPerSecond: number;
  readonly callTimeoutMs: number;
  /** For each of what comes behind the faults: serving again, answering the last calls, members that agree. */
  readonly patienceMs: number;
  readonly network: 'proxies' | 'namespaces';
  /** With so many events of its history the faults end early, as all are judged in memory: 4,000,000 by default. */
  readonly maxEvents?: number;
  /** Where tests are kept. */
  readonly store: string;
  /** Members' data directories of every test, or only where something was violated. */
  readonly keepsData: 'always' | 'violation';
  /** For all checkers together, each. */
  readonly check: CheckLimits;
}

/** How much has to happen. */
export interface Pacing {
  /** Calls that are answered before the first fault strikes, and again once the last one has. */
  readonly answers: number;
  /** Faults that strike in between. */
  readonly strikes: number;
}

export interface CheckLimits {
  readonly maxDurationMs: number;
  readonly maxMemoryBytes: number;
  readonly maxThreads: number;
}

/** A name for the directory of tests like this one. */
export function testName({ suite, workload, nemeses }: TestPlan): string {
  const faults = nemeses.length === 0 ? 'none' : nemeses.map(({ name }) => name).join('+');
  return [suite.name, workload.name, faults].join('-').replaceAll(/[^\w.+-]/g, '_');
}

export function workloadOptions(plan: TestPlan): WorkloadOptions {
  const calls = Math.ceil((plan.timeMs / 1000) * plan.callsPerSecond);
  return { clients: plan.clients, members: plan.members, calls };
}

/** What the history says of its test. */
export function headerOf(plan: TestPlan, startedAt: Date): HistoryHeader {
  const { suite, workload, nemeses, seed } = plan;
  const described: JsonObject = workload.describe?.(workloadOptions(plan)) ?? {};
  return {
    format: 1,
    workload: workload.name,
    suite: suite.name,
    nemeses: nemeses.map(({ name }) => name),
    seed,
    startedAt: startedAt.toISOString(),
    options: {
      ...described,
      timeMs: plan.timeMs,
      members: plan.members,
      clients: plan.clients,
      callsPerSecond: plan.callsPerSecond,
      callTimeoutMs: plan.callTimeoutMs,
      network: plan.network,
      ...(suite.errorCodes === undefined ? {} : { errorCodes: [...suite.errorCodes].sort() }),
    },
  };
}
