import { Command } from 'commander';
import type { ClusterMember, ClusterStatus } from '../client/cluster-member.js';
import { memberNames } from '../client/cluster-problems.js';
import { readClusterStatus } from '../client/cluster-status.js';
import { displayMessage } from '../display-names.js';
import { clientAddresses } from './addresses.js';
import { argumentTimeout } from './arguments.js';
import { addConnectionOptions, type ConnectionOptions } from './connection-options.js';
import { ExitCode } from './exit-code.js';
import { counted } from './load/load-summary.js';
import { Output } from './output.js';
import { reporting } from './report.js';
import { type Column, formatTable } from './table.js';

const TIMEOUT_SECONDS = 5;
const MEGABYTE = 1_000_000;

/** `inode-app status`. */
export function statusCommand(): Command {
  return addConnectionOptions(new Command('status'), TIMEOUT_SECONDS)
    .description('what every member says of itself')
    .action((options: ConnectionOptions) => reporting(options.json, () => showStatus(options)));
}

async function showStatus(options: ConnectionOptions): Promise<ExitCode> {
  const addresses = clientAddresses(options.addresses, process.env);
  const status = await readClusterStatus(addresses, argumentTimeout(options.timeout));
  await new Output(process.stdout).result(options.json, status, statusText(status));
  return status.members.some((member) => member.reachable) ? ExitCode.Ok : ExitCode.Unavailable;
}

const COLUMNS: readonly Column<ClusterMember>[] = [
  { heading: 'member', align: 'right', cell: ({ id }) => text(id) },
  { heading: 'role', cell: ({ recovering, role }) => (recovering === true ? 'recovering' : role) },
  { heading: 'address', cell: ({ address }) => address },
  { heading: 'pid', align: 'right', cell: ({ pid }) => text(pid) },
  { heading: 'term', align: 'right', cell: ({ term }) => text(term) },
  { heading: 'commit', align: 'right', cell: ({ commit }) => text(commit) },
  { heading: 'applied', align: 'right', cell: ({ applied }) => text(applied) },
  { heading: 'lag', align: 'right', cell: ({ lag }) => text(lag) },
  { heading: 'log', align: 'right', cell: ({ logBytes }) => megabytes(logBytes) },
  { heading: 'sessions', align: 'right', cell: ({ sessions }) => text(sessions) },
  { heading: 'memory', align: 'right', cell: ({ rssBytes }) => megabytes(rssBytes) },
];

/** The status as a person reads it. */
export function statusText(status: ClusterStatus): readonly string[] {
  return [
    `cluster ${status.clusterId ?? 'unknown'}, ${leaderText(status)}${entriesText(status)}`,
    ...formatTable(COLUMNS, status.members),
    ...electionText(status),
    ...status.members.flatMap(snapshotLines),
    ...status.problems.map(displayMessage),
    ...status.members.filter(({ reason }) => reason !== undefined).map(reasonText),
  ];
}

function leaderText({ leader, leaderSaidBy }: ClusterStatus): string {
  if (leader === null) return 'no leader';
  const own = leaderSaidBy.includes(leader) ? '' : `, as ${memberNames(leaderSaidBy)} said`;
  return `member ${leader} leads${own}`;
}

function entriesText({ members, leader }: ClusterStatus): string {
  const member = members.find(({ id }) => id === leader && id !== null);
  if (member === undefined) return '';
  const { directories, files, symbolicLinks } = member;
  if (directories === null || files === null || symbolicLinks === null) return '';
  return `, ${counted(directories + files + symbolicLinks, 'entry', 'entries')}`;
}

const ELECTION_REASONS = {
  timeout: 'it had not heard from a leader',
  'leader-ended': "the leader's process had ended",
  transfer: 'it was handed the lead',
  request: 'it was told to campaign',
} as const;

/** Why the leader leads. */
function electionText({ members, leader }: ClusterStatus): readonly string[] {
  const won = members
    .find(({ id }) => id === leader && id !== null)
    ?.elections?.findLast(({ outcome }) => outcome === 'won');
  if (won === undefined) return [];
  const before = won.leaderBefore === 0 ? '' : `, after member ${won.leaderBefore}`;
  const why = ELECTION_REASONS[won.reason];
  return [`member ${leader} won the election of term ${won.term}${before}: ${why}`];
}

/** What is under way, and what could not be made. */
function snapshotLines({ id, snapshots }: ClusterMember): readonly string[] {
  if (snapshots === null) return [];
  const { making, makingFailure, fetching } = snapshots;
  const who = `member ${text(id)}`;
  const lines: string[] = [];
  if (making !== undefined) {
    lines.push(`${who} makes a snapshot as of entry ${making.index}: ${extentText(making)}`);
  }
  if (makingFailure !== undefined) {
    lines.push(displayMessage(`${who} could not make a snapshot: ${makingFailure}`));
  }
  if (fetching !== undefined) {
    const { phase, from, index } = fetching;
    const what =
      phase === 'making'
        ? `waits for member ${from} to make a snapshot as of entry ${index}`
        : `fetches the state as of entry ${index} from member ${from}`;
    lines.push(`${who} ${what}: ${extentText(fetching)}`);
  }
  return lines;
}

interface Extent {
  readonly rows: number;
  readonly bytes: number;
  readonly totalRows?: number | undefined;
  readonly totalBytes?: number | undefined;
}

function extentText({ rows, bytes, totalRows, totalBytes }: Extent): string {
  if (totalRows === undefined || totalBytes === undefined) {
    return `${rows} rows, ${megabytes(bytes)}`;
  }
  return `${rows} of ${totalRows} rows, ${megabytes(bytes)} of ${megabytes(totalBytes)}`;
}

function reasonText({ id, address, reason }: ClusterMember): string {
  const who = id === null ? address : `member ${id} (${address})`;
  const why = reason?.startsWith(`${address}: `) ? reason.slice(address.length + 2) : reason;
  return `${who}: ${displayMessage(why ?? '')}`;
}

function megabytes(bytes: number | null): string {
  return bytes === null ? '-' : `${Math.round(bytes / MEGABYTE)} MB`;
}

function text(value: number | null): string {
  return value === null ? '-' : `${value}`;
}
