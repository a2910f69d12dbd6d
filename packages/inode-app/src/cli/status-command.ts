import { Command } from 'commander';
import {
  type ClusterMember,
  type ClusterStatus,
  readClusterStatus,
} from '../client/cluster-status.js';
import { displayMessage } from '../display-names.js';
import { clientAddresses } from './addresses.js';
import { argumentTimeout } from './arguments.js';
import { addConnectionOptions, type ConnectionOptions } from './connection-options.js';
import { ExitCode } from './exit-code.js';
import { Output } from './output.js';
import { Report } from './report.js';
import { type Column, formatTable } from './table.js';

const TIMEOUT_SECONDS = 5;
const MEGABYTE = 1_000_000;

/** `inode-app status`. */
export function statusCommand(): Command {
  return addConnectionOptions(new Command('status'), TIMEOUT_SECONDS)
    .description('what every member says of itself')
    .action(async (options: ConnectionOptions) => {
      const report = new Report((line) => process.stderr.write(`${line}\n`), options.json === true);
      try {
        const code = await showStatus(options);
        process.exitCode = code;
      } catch (error) {
        report.error(error);
        process.exitCode = report.exitCode;
      }
    });
}

async function showStatus(options: ConnectionOptions): Promise<ExitCode> {
  const addresses = clientAddresses(options.addresses, process.env);
  const status = await readClusterStatus(addresses, argumentTimeout(options.timeout));
  const output = new Output(process.stdout);
  if (options.json === true) await output.json(status);
  else for (const line of statusText(status)) await output.line(line);
  await output.flush();
  return status.members.some((member) => member.reachable) ? ExitCode.Ok : ExitCode.Unavailable;
}

const COLUMNS: readonly Column[] = [
  { heading: 'member', align: 'right' },
  { heading: 'role' },
  { heading: 'address' },
  { heading: 'pid', align: 'right' },
  { heading: 'term', align: 'right' },
  { heading: 'commit', align: 'right' },
  { heading: 'applied', align: 'right' },
  { heading: 'lag', align: 'right' },
  { heading: 'sessions', align: 'right' },
  { heading: 'memory', align: 'right' },
];

/** The status as a person reads it. */
export function statusText(status: ClusterStatus): readonly string[] {
  const rows = status.members.map((member) => [
    text(member.id),
    member.recovering === true ? 'recovering' : member.role,
    member.address,
    text(member.pid),
    text(member.term),
    text(member.commit),
    text(member.applied),
    text(member.lag),
    text(member.sessions),
    member.rssBytes === null ? '-' : `${Math.round(member.rssBytes / MEGABYTE)} MB`,
  ]);
  const leader = status.leader === null ? 'no leader' : `member ${status.leader} leads`;
  return [
    `cluster ${status.clusterId ?? 'unknown'}, ${leader}${entriesText(status)}`,
    ...formatTable(COLUMNS, rows),
    ...electionText(status),
    ...status.members.filter(({ reason }) => reason !== undefined).map(reasonText),
  ];
}

function entriesText({ members, leader }: ClusterStatus): string {
  const member = members.find(({ id }) => id === leader && id !== null);
  if (member === undefined) return '';
  const { directories, files, symbolicLinks } = member;
  if (directories === null || files === null || symbolicLinks === null) return '';
  const entries = directories + files + symbolicLinks;
  return `, ${entries.toLocaleString('en-US')} ${entries === 1 ? 'entry' : 'entries'}`;
}

const ELECTION_REASONS = {
  timeout: 'it had not heard from a leader',
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

function reasonText({ id, address, reason }: ClusterMember): string {
  const who = id === null ? address : `member ${id} (${address})`;
  const why = reason?.startsWith(`${address}: `) ? reason.slice(address.length + 2) : reason;
  return `${who}: ${displayMessage(why ?? '')}`;
}

function text(value: number | null): string {
  return value === null ? '-' : `${value}`;
}
