import { resolve } from 'node:path';
import { Command } from 'commander';
import type { ByteClient } from '../../client/byte-client.js';
import { withMembership } from '../../client/cluster-members.js';
import { readClusterStatus } from '../../client/cluster-status.js';
import { connect } from '../../client/connect.js';
import { displayMessage } from '../../display-names.js';
import { argumentInvalid, InodeAppError } from '../../errors.js';
import { profilesFault } from '../../master/credentials-profiles.js';
import { endpointsOf, type MemberAddresses } from '../../master/members.js';
import { ROOT_PATH } from '../../namespace/tree/path.js';
import { DEFAULT_CLIENT_PORT, DEFAULT_MEMBER_PORT, HTTP_PORT_OFFSET } from '../addresses.js';
import {
  argumentBytes,
  argumentInteger,
  argumentLogLimit,
  argumentMemory,
  argumentPath,
  argumentPort,
  argumentSnapshotRate,
  argumentText,
} from '../arguments.js';
import { ExitCode } from '../exit-code.js';
import type { LoadOptions } from '../load/load.js';
import { loadWithProgress } from '../load/load-command.js';
import { summaryLines } from '../load/load-summary.js';
import { errorText, reporting } from '../report.js';
import {
  type FirstSignal,
  firstSignal,
  STOP_SIGNALS,
  terminateWithStandardInput,
} from '../signals.js';
import { withoutWaiting } from '../stopped-terminal.js';
import { type Column, formatTable } from '../table.js';
import { Terminal } from '../terminal.js';
import { boundedStream, exitUnread } from '../unread-output.js';
import {
  type ClusterDirectory,
  DEFAULT_MEMBERS,
  lostMembers,
  MAX_LOCAL_MEMBERS,
  memberDirectory,
  noteServed,
  openClusterDirectory,
} from './cluster-directory.js';
import { ClusterLayout, type Ports } from './cluster-layout.js';
import { LocalCluster } from './local-cluster.js';

/** How long the members may take to elect a leader and answer a read, milliseconds. */
const SERVE_MS = 30_000;
/** How long a member that is added may take to catch up, milliseconds. */
const ADD_MS = 600_000;
/** How long a load may wait for the cluster, failovers included, milliseconds. */
const LOAD_TIMEOUT_MS = 60_000;

interface ClusterOptions {
  readonly members?: string;
  readonly data: string;
  readonly clientPort: string;
  readonly memberPort: string;
  readonly httpPort?: string;
  readonly memory?: string;
  readonly logLimit?: string;
  readonly snapshotRate?: string;
  readonly profiles?: string;
  readonly load?: string;
  readonly into?: string;
  readonly stopWithStdin?: boolean;
}

/** `inode-app cluster`, which `npm start` runs. */
export function clusterCommand(): Command {
  return new Command('cluster')
    .description('start masters on this machine, three of them, and keep them until Ctrl-C')
    .option('--data <directory>', 'where their data lies', './data')
    .option(
      '--members <number>',
      'how many masters; more than there are yet are added (default: 3)',
    )
    .option('--client-port <port>', 'first of as many ports for clients', `${DEFAULT_CLIENT_PORT}`)
    .option('--member-port <port>', 'first of as many between members', `${DEFAULT_MEMBER_PORT}`)
    .option('--http-port <port>', `first of as many for their states; ${HTTP_PORT_OFFSET} higher`)
    .option('--memory <MiB>', 'each master stays below so much; 400')
    .option('--log-limit <MiB>', 'each cuts its log before it holds more; 256')
    .option('--snapshot-rate <MiB>', 'a second, of states that each sends, and that it fetches')
    .option('--profiles <file>', 'credentials for storages by name, for each of them')
    .option('--load <directory>', 'then load a directory of this machine, as `load` does')
    .option('--into <path>', 'where to load it (default: "/")')
    .option(
      '--stop-with-stdin',
      'stop when standard input ends, as when a program that ran it goes',
    )
    .action(async (options: ClusterOptions) => {
      await reporting(false, () => runCluster(options));
      await exitUnread();
    });
}

async function runCluster(options: ClusterOptions): Promise<ExitCode> {
  const terminal = new Terminal(boundedStream(withoutWaiting(process.stderr)));
  const asked = askedMembers(options);
  parsePorts(options, asked ?? DEFAULT_MEMBERS);
  const job = loadJob(options);
  const memory = options.memory === undefined ? undefined : argumentMemory(options.memory);
  const further = furtherOptions(options);
  const directory = await openDataDirectory(options.data, asked);
  const size = asked ?? directory.members;
  refuseFewer(size, directory);
  await warnOfProfiles(options, terminal);
  const ports = parsePorts(options, size);
  const lost = await membersWithoutData(directory, terminal);
  const layout = new ClusterLayout(directory, ports, lost, size, memory, further);
  const cluster = new LocalCluster(layout, (line) => terminal.line(line));
  using interrupt = firstSignal(STOP_SIGNALS, () => cluster.kill());
  if (options.stopWithStdin === true) terminateWithStandardInput();
  let clean = true;
  try {
    terminal.status('Starting the masters ...');
    const work = serve(cluster, layout, terminal, job, interrupt);
    // Rejects with what keeps the cluster from serving, and once no member runs any more.
    await Promise.race([interrupt.received, Promise.all([work, cluster.run()])]);
    await work.catch(() => {});
  } finally {
    clean = await stopCluster(cluster, terminal, interrupt.signal);
  }
  return clean ? ExitCode.Ok : ExitCode.Refused;
}

/** Each master says it too, among what it says before it serves, which nobody sees. */
async function warnOfProfiles({ profiles }: ClusterOptions, terminal: Terminal): Promise<void> {
  const fault = profiles === undefined ? undefined : await profilesFault(profiles);
  if (fault !== undefined) terminal.line(displayMessage(fault));
}

/** Members whose data has gone: the others bring them up to date, as long as they are most. */
async function membersWithoutData(
  directory: ClusterDirectory,
  terminal: Terminal,
): Promise<readonly number[]> {
  const ids = Array.from({ length: directory.members }, (_, at) => at + 1);
  const lost = await lostMembers(directory, ids);
  const where = lost.map((id) => displayMessage(memberDirectory(directory.path, id))).join(', ');
  if (lost.length * 2 > ids.length) {
    throw new InodeAppError(
      'DATA_CORRUPT',
      `${where}: the data of most members has gone. Put it back, or choose another directory with --data.`,
    );
  }
  if (lost.length > 0) {
    terminal.line(
      `Member ${lost.join(', ')} begins with nothing, for its data in ${where} has gone. It counts ` +
        'again once the others have brought it up to date.',
    );
  }
  return lost;
}

async function stopCluster(
  cluster: LocalCluster,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) terminal.status('Stopping ...');
  const clean = await cluster.stop();
  terminal.status('');
  if (signal.aborted) terminal.line('Stopped.');
  return clean;
}

function askedMembers({ members }: ClusterOptions): number | undefined {
  return members === undefined
    ? undefined
    : argumentInteger(members, 'number of members', 1, MAX_LOCAL_MEMBERS);
}

/** Checked before any master starts. */
function furtherOptions({ logLimit, snapshotRate, profiles }: ClusterOptions): readonly string[] {
  if (logLimit !== undefined) argumentLogLimit(logLimit);
  if (snapshotRate !== undefined) argumentSnapshotRate(snapshotRate);
  return [
    ...(logLimit === undefined ? [] : ['--log-limit', logLimit]),
    ...(snapshotRate === undefined ? [] : ['--snapshot-rate', snapshotRate]),
    ...(profiles === undefined
      ? []
      : ['--profiles', resolve(argumentText(profiles, '--profiles'))]),
  ];
}

function refuseFewer(size: number, { members, path }: ClusterDirectory): void {
  if (size >= members) return;
  throw argumentInvalid(
    `the cluster in ${displayMessage(path)} has ${members} members: start it without --members, and take ` +
      'members out with inode-app members remove',
  );
}

function parsePorts(options: ClusterOptions, count: number): Ports {
  const clientPort = argumentPort(options.clientPort, count);
  const memberPort = argumentPort(options.memberPort, count);
  const httpPort = argumentPort(options.httpPort ?? `${memberPort + HTTP_PORT_OFFSET}`, count);
  const [low = 0, middle = 0, high = 0] = [clientPort, memberPort, httpPort].sort((a, b) => a - b);
  if (middle - low >= count && high - middle >= count) return { clientPort, memberPort, httpPort };
  throw argumentInvalid(
    `--client-port, --member-port and --http-port overlap: each takes ${count} ports in a row`,
  );
}

async function openDataDirectory(path: string, founders: number | undefined) {
  try {
    return await openClusterDirectory(path, founders);
  } catch (error) {
    if (!(error instanceof InodeAppError)) throw error;
    const message = `${error.message}. Choose another directory with --data.`;
    throw new InodeAppError(error.code, message, { cause: error, path });
  }
}

type LoadJob = Pick<LoadOptions, 'source' | 'into'>;

function loadJob({ load, into }: ClusterOptions): LoadJob | undefined {
  if (load !== undefined) {
    return { source: argumentBytes(load, false), into: argumentPath(into ?? '/', false) };
  }
  if (into === undefined) return undefined;
  throw argumentInvalid('--into says where to load; --load says what');
}

/** Waits until the cluster serves, says so, and loads what is to be loaded. */
async function serve(
  cluster: LocalCluster,
  layout: ClusterLayout,
  terminal: Terminal,
  job: LoadJob | undefined,
  { signal, received }: FirstSignal,
): Promise<void> {
  const addresses = layout.clientAddresses;
  await Promise.race([cluster.serving(), received]);
  if (signal.aborted) return;
  if (layout.comers.length === 0) await noteServed(layout.directory, layout.members.length);
  terminal.status('Waiting for a leader ...');
  {
    await using client = connect({ addresses, timeoutMs: SERVE_MS });
    await client.getStatus(ROOT_PATH, signal);
  }
  await addComers(layout, terminal, signal);
  const members = await memberLines(layout, signal);
  terminal.status('');
  print(members);
  cluster.relayLogs();
  if (job !== undefined) {
    await using client = connect({ addresses, timeoutMs: LOAD_TIMEOUT_MS });
    await loadAndStay(client, job, terminal, signal);
    if (signal.aborted) return;
  }
  const commands = layout.commandsToTry().map((command) => `  ${command}`);
  print(['', 'Serving until Ctrl-C. Try, in another terminal:', ...commands]);
}

/** Members that the cluster had not yet are added, one after the other. */
async function addComers(
  layout: ClusterLayout,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  if (layout.comers.length === 0) return;
  const addresses = layout.clientAddresses;
  for (const { id, ...own } of layout.comers) {
    terminal.status(`Adding member ${id} ...`);
    const endpoints = endpointsOf(own);
    await withMembership({ addresses, timeoutMs: ADD_MS }, (client) =>
      client.addMember(id, endpoints, { signal }),
    );
  }
  await noteServed(layout.directory, layout.members.length);
}

function print(lines: readonly string[]): void {
  for (const line of lines) withoutWaiting(process.stdout).write(`${line}\n`);
}

/** A load that fails says so; the cluster goes on. */
async function loadAndStay(
  client: ByteClient,
  job: LoadJob,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { summary, failure, complete } = await loadWithProgress(
      client,
      { ...job, signal },
      terminal,
    );
    print(summaryLines(summary, complete));
    if (failure !== undefined && !signal.aborted) {
      terminal.line(`The load ended early: ${errorText(failure)}`);
    }
  } catch (error) {
    if (!signal.aborted) terminal.line(`The load failed: ${errorText(error)}`);
  }
}

async function memberLines(layout: ClusterLayout, signal: AbortSignal): Promise<readonly string[]> {
  const status = await readClusterStatus(layout.clientAddresses, SERVE_MS, signal);
  const roleAt = (clientAddress: string) =>
    status.members.find(({ address }) => address === clientAddress)?.role ?? 'unknown';
  const columns: readonly Column<MemberAddresses>[] = [
    { heading: 'member', cell: ({ id }) => `${id}` },
    { heading: 'role', cell: ({ clientAddress }) => roleAt(clientAddress) },
    { heading: 'clients', cell: ({ clientAddress }) => clientAddress },
    { heading: 'members', cell: ({ memberAddress }) => memberAddress },
    { heading: 'http', cell: ({ httpAddress }) => httpAddress ?? '-' },
    { heading: 'data', cell: ({ id }) => displayMessage(layout.dataDirectory(id)) },
  ];
  return formatTable(columns, layout.members);
}
