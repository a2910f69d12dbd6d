import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { JepsenError } from '../errors.js';
import { NO_NEMESIS } from '../matrix/cell.js';
import { chooseNemeses } from '../nemeses/nemesis-list.js';
import type { CheckLimits, TestPlan } from '../run/test-plan.js';
import { loadSuite, SUITE_NAMES } from '../suites/known-suites.js';
import type { Suite } from '../suites/suite.js';
import { WORKLOADS, workloadNamed } from '../workloads/known-workloads.js';
import type { Workload } from '../workloads/workload.js';
import { positiveNumber, seconds, wholeNumber } from './arguments.js';
import { commandLine } from './command-line.js';

const MEBIBYTE = 1024 * 1024;
const MAX_MEMBERS = 9;
const MAX_CLIENTS = 1_000;
export const DEFAULT_STORE = 'jepsen/store';
/** Without --suite, the first of these that has clients for the workload. */
const DEFAULT_SUITES = ['inode-app', 'key-value'] as const;

/** What all commands take that run tests. */
export interface TestOptions {
  readonly suite?: string;
  readonly nemesis?: string;
  readonly time: number;
  readonly nodes: number;
  readonly concurrency: number;
  readonly rate: number;
  readonly timeout: number;
  readonly patience: number;
  readonly network: TestPlan['network'];
  readonly store: string;
  readonly keepData?: true;
  readonly checkTime: number;
  readonly checkMemory: number;
  readonly threads: number;
  readonly json?: true;
}

export function addTestOptions(command: Command, defaultSeconds: number): Command {
  return command
    .option(
      '--time <seconds>',
      'of clients and faults; healing and checking come behind',
      seconds,
      defaultSeconds,
    )
    .option('--nodes <number>', 'members', wholeNumber, 5)
    .option('--concurrency <number>', 'clients, each with one call at a time', wholeNumber, 20)
    .option('--rate <number>', 'calls a second, of all clients together', positiveNumber, 500)
    .option('--timeout <seconds>', 'of a call', seconds, 5)
    .option(
      '--patience <seconds>',
      'after the faults, for each: serving again, answering the last calls, members that agree',
      seconds,
      60,
    )
    .option(
      '--network <kind>',
      'proxies, or namespaces (as root, on Linux)',
      networkKind,
      'proxies',
    )
    .option('--store <directory>', 'where tests are kept', DEFAULT_STORE)
    .option('--keep-data', "keep members' data also where nothing was violated")
    .option('--check-time <seconds>', 'of each checker; then its verdict is unknown', seconds, 120)
    .option('--check-memory <MiB>', 'of each checker, likewise', positiveNumber, 2048)
    .option(
      '--threads <number>',
      'of checkers, beside this one',
      wholeNumber,
      availableParallelism(),
    )
    .option('--json', 'for programs: one JSON object a test');
}

/** What `--suite` and `--suites` name. */
export const SUITE_HELP = `what is tested: ${SUITE_NAMES.join(', ')}, or a .js file that exports suite (default: by the workload)`;

/**
 * @param nemeses with commas in between
 * @throws JepsenError OPTIONS_INVALID, NEMESIS_UNAVAILABLE
 */
export async function planOf(
  options: TestOptions,
  workloadName: string,
  nemeses: string,
  seed: number,
): Promise<TestPlan> {
  const workload = knownWorkload(workloadName);
  const { nodes, concurrency } = options;
  if (nodes < 1 || nodes > MAX_MEMBERS) throw invalid(`--nodes is from 1 to ${MAX_MEMBERS}`);
  if (concurrency < 1 || concurrency > MAX_CLIENTS) {
    throw invalid(`--concurrency is from 1 to ${MAX_CLIENTS}`);
  }
  const suite = await suiteFor(options.suite, workload);
  const names = nemeses.split(',').filter((name) => name !== '' && name !== NO_NEMESIS);
  return {
    suite,
    workload,
    nemeses: chooseNemeses(names, suite.database),
    seed,
    timeMs: options.time * 1000,
    members: nodes,
    clients: concurrency,
    callsPerSecond: options.rate,
    callTimeoutMs: options.timeout * 1000,
    patienceMs: options.patience * 1000,
    network: options.network,
    store: options.store,
    keepsData: options.keepData === true ? 'always' : 'violation',
    check: checkLimits(options),
  };
}

/** The command that runs this test again. */
export function commandOf(plan: TestPlan, options: TestOptions): string {
  const given = {
    workload: plan.workload.name,
    suite: options.suite ?? plan.suite.name,
    ...(plan.nemeses.length === 0
      ? {}
      : { nemesis: plan.nemeses.map(({ name }) => name).join(',') }),
    time: options.time,
    nodes: options.nodes,
    concurrency: options.concurrency,
    rate: options.rate,
    timeout: options.timeout,
    patience: options.patience,
    network: options.network,
    seed: plan.seed,
  };
  return commandLine(
    'test',
    ...Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]),
  );
}

function checkLimits({ checkTime, checkMemory, threads }: TestOptions): CheckLimits {
  return {
    maxDurationMs: checkTime * 1000,
    maxMemoryBytes: checkMemory * MEBIBYTE,
    maxThreads: threads,
  };
}

export function knownWorkload(name: string): Workload {
  const workload = workloadNamed(name);
  if (workload !== undefined) return workload;
  const names = WORKLOADS.map((known) => known.name).join(', ');
  throw invalid(`there is no workload ${name}; there are ${names}`);
}

/** The suite that is named, or the first that has clients for this workload. */
export async function suiteFor(name: string | undefined, workload: Workload): Promise<Suite> {
  if (name !== undefined) {
    const suite = await loadSuite(name);
    if (suite.clients[workload.name] !== undefined) return suite;
    const others = Object.keys(suite.clients).join(', ');
    throw invalid(`${suite.name} has no clients for ${workload.name}; it has some for ${others}`);
  }
  for (const known of DEFAULT_SUITES) {
    const suite = await loadSuite(known);
    if (suite.clients[workload.name] !== undefined) return suite;
  }
  throw invalid(
    `name the --suite: none of ${DEFAULT_SUITES.join(', ')} has clients for ${workload.name}`,
  );
}

export function networkKind(text: string): TestPlan['network'] {
  if (text === 'proxies' || text === 'namespaces') return text;
  throw invalid('--network is proxies or namespaces');
}

function invalid(message: string): JepsenError {
  return new JepsenError('OPTIONS_INVALID', message);
}
