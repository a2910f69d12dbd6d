import { Command } from 'commander';
import { type MountStatus, mountStatus } from '../../client/mount-status.js';
import { displayMessage, displayText, displayWord } from '../../display-names.js';
import { NEVER_AGAIN } from '../../namespace/mounts/mount.js';
import {
  addConnectionOptions,
  type ConnectionOptions,
  connectWith,
} from '../connection-options.js';
import { durationText } from '../duration-text.js';
import { ExitCode } from '../exit-code.js';
import { count, counted } from '../load/load-summary.js';
import { Output } from '../output.js';
import { reporting } from '../report.js';
import { type Column, formatTable } from '../table.js';

const TIMEOUT_SECONDS = 10;

/** `inode-app mounts`: what is mounted, and how it is with the storages. */
export function mountsCommand(): Command {
  return addConnectionOptions(new Command('mounts'), TIMEOUT_SECONDS)
    .description('what is mounted, how it is with the storages, and what is under way there')
    .action((options: ConnectionOptions) => reporting(options.json, () => showMounts(options)));
}

async function showMounts(options: ConnectionOptions): Promise<ExitCode> {
  await using client = connectWith(options);
  const mounts = (await client.mounts()).map(mountStatus);
  const output = new Output(process.stdout);
  const lines =
    options.json === true ? mounts.map((one) => JSON.stringify(one)) : mountsText(mounts);
  for (const line of lines) await output.line(line);
  await output.flush();
  return ExitCode.Ok;
}

const COLUMNS: readonly Column<MountStatus>[] = [
  { heading: 'path', cell: ({ path }) => displayWord(path) },
  { heading: 'storage', cell: ({ uri }) => displayWord(uri) },
  { heading: 'access', cell: ({ readOnly }) => (readOnly ? 'read-only' : 'read-write') },
  { heading: 'state', cell: ({ condition }) => condition?.state ?? 'untried' },
  { heading: 'entries', align: 'right', cell: ({ entries }) => count(entries) },
  { heading: 'interval', cell: ({ syncIntervalMs }) => intervalText(syncIntervalMs) },
  { heading: 'last sync', cell: ({ condition }) => agoText(condition?.syncedMsAgo) },
  { heading: 'last error', cell: ({ condition }) => displayMessage(condition?.lastError ?? '-') },
];

function intervalText(intervalMs: number): string {
  if (intervalMs === NEVER_AGAIN) return 'never';
  return intervalMs === 0 ? 'each time' : durationText(intervalMs);
}

function agoText(ms: number | undefined): string {
  return ms === undefined ? '-' : `${durationText(ms)} ago`;
}

/** The mounts as a person reads them: a table, then what is special about each. */
export function mountsText(mounts: readonly MountStatus[]): readonly string[] {
  const counts = counted(mounts.length, 'mount');
  if (mounts.length === 0) return [counts];
  return [counts, ...formatTable(COLUMNS, mounts), ...mounts.flatMap(furtherLines)];
}

function furtherLines({ path, intervals, condition }: MountStatus): readonly string[] {
  const lines = intervals.map(
    (each) => `interval of ${displayText(each.path)}: ${intervalText(each.syncIntervalMs)}`,
  );
  const { underWay = [], skipped = [], callsUnderWay = 0, callsWaiting = 0 } = condition ?? {};
  if (callsWaiting > 0) {
    const calls = counted(callsUnderWay, 'request');
    lines.push(`${displayText(path)}: ${calls} under way, ${count(callsWaiting)} waiting`);
  }
  return [
    ...lines,
    ...underWay.map((line) => `under way: ${displayMessage(line)}`),
    ...skipped.map((line) => `skipped: ${displayMessage(line)}`),
  ];
}
