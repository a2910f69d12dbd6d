import { Command } from 'commander';
import { displayBytes } from '../../display-names.js';
import type { SyncProgress } from '../../namespace/queries/sync-path.js';
import { type ByteString, textFromByteString } from '../../namespace/tree/byte-string.js';
import { argumentPath } from '../arguments.js';
import {
  addConnectionOptions,
  type ConnectionOptions,
  connectWith,
} from '../connection-options.js';
import { ExitCode } from '../exit-code.js';
import { count, counted } from '../load/load-summary.js';
import { Output } from '../output.js';
import { reporting } from '../report.js';
import { interruptible, type LongWork } from '../state/interruptible.js';

const TIMEOUT_SECONDS = 10;

interface SyncOptions extends ConnectionOptions {
  readonly escaped?: boolean;
  readonly recursive?: boolean;
}

/** `inode-app sync`: looks into the storage of a mount now. */
export function syncCommand(): Command {
  return addConnectionOptions(new Command('sync'), TIMEOUT_SECONDS)
    .description('look into the storage of a mount now, whatever its sync interval')
    .argument('<path>', 'an entry in a mount; of a directory, its entries too')
    .option('-R, --recursive', 'with all that is below')
    .option('--escaped', 'paths are typed as they are printed: \\\\, \\n, \\xff')
    .action((path: string, options: SyncOptions) =>
      reporting(options.json, () =>
        interruptible(options.json, (long) => sync(path, options, long)),
      ),
    );
}

async function sync(text: string, options: SyncOptions, long: LongWork): Promise<ExitCode> {
  const path = argumentPath(text, options.escaped === true);
  await using client = connectWith(options);
  const begin = performance.now();
  const onProgress = (progress: SyncProgress) =>
    long.show(() => `${displayBytes(path)}: ${underWayText(progress)}`);
  const recursive = options.recursive === true;
  const progress = await client.sync(path, { recursive, onProgress }, long.signal);
  const seconds = Math.round(performance.now() - begin) / 1000;
  long.show(() => '');
  const shown = [syncText(path, progress, seconds)];
  await new Output(process.stdout).result(options.json, syncJson(path, progress, seconds), shown);
  return ExitCode.Ok;
}

function syncJson(path: ByteString, progress: SyncProgress, seconds: number) {
  const { directories, entries, changed, skipped } = progress;
  return { path: textFromByteString(path), directories, entries, changed, skipped, seconds };
}

/** What a sync came to, as a person reads it. */
export function syncText(path: ByteString, progress: SyncProgress, seconds: number): string {
  return `${displayBytes(path)}: ${progressText(progress)} in ${seconds.toFixed(1)} s`;
}

/** Of a directory that it is in, the entries count already. */
function underWayText({ directories, entries, changed }: SyncProgress): string {
  const done = counted(directories, 'directory', 'directories');
  return `${counted(entries, 'entry', 'entries')} so far, ${count(changed)} changed, ${done} done`;
}

function progressText({ directories, entries, changed, skipped }: SyncProgress): string {
  const looked = `${counted(entries, 'entry', 'entries')} in ${counted(directories, 'directory', 'directories')}`;
  const passedBy = skipped === 0 ? '' : `, ${count(skipped)} skipped`;
  return `${looked}, ${count(changed)} changed${passedBy}`;
}
