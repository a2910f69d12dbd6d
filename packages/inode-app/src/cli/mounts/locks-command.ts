import { Command } from 'commander';
import { type LockStatus, lockStatus } from '../../client/mount-status.js';
import { displayMessage, displayWord } from '../../display-names.js';
import {
  addConnectionOptions,
  type ConnectionOptions,
  connectWith,
} from '../connection-options.js';
import { durationText } from '../duration-text.js';
import { ExitCode } from '../exit-code.js';
import { counted } from '../load/load-summary.js';
import { Output } from '../output.js';
import { reporting } from '../report.js';
import { type Column, formatTable } from '../table.js';

const TIMEOUT_SECONDS = 10;

/** `inode-app locks`: who holds edges of the tree while storages take their time, and who waits. */
export function locksCommand(): Command {
  return addConnectionOptions(new Command('locks'), TIMEOUT_SECONDS)
    .description('who holds parts of the tree while storages take their time, and who waits')
    .action((options: ConnectionOptions) => reporting(options.json, () => showLocks(options)));
}

async function showLocks(options: ConnectionOptions): Promise<ExitCode> {
  await using client = connectWith(options);
  const locks = (await client.locks()).map(lockStatus);
  const output = new Output(process.stdout);
  const lines = options.json === true ? locks.map((one) => JSON.stringify(one)) : locksText(locks);
  for (const line of lines) await output.line(line);
  await output.flush();
  return ExitCode.Ok;
}

const COLUMNS: readonly Column<LockStatus>[] = [
  { heading: 'state', cell: ({ state }) => state },
  { heading: 'for', align: 'right', cell: ({ forMs }) => durationText(forMs) },
  { heading: 'operation', cell: ({ kind }) => kind },
  { heading: 'path', cell: ({ path }) => displayWord(path) },
  { heading: 'locks', cell: ({ write }) => write.map(displayWord).join(' ') || '-' },
  { heading: 'waits for', cell: ({ waitingFor }) => displayMessage(waitingFor ?? '-') },
];

/** The locks as a person reads them. */
export function locksText(locks: readonly LockStatus[]): readonly string[] {
  const counts = counted(locks.length, 'lock');
  return locks.length === 0 ? [counts] : [counts, ...formatTable(COLUMNS, locks)];
}
