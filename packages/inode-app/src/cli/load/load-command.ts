import { Command } from 'commander';
import type { ByteClient } from '../../client/byte-client.js';
import { argumentBytes, argumentPath } from '../arguments.js';
import {
  addConnectionOptions,
  type ConnectionOptions,
  connectWith,
} from '../connection-options.js';
import { ExitCode } from '../exit-code.js';
import { Output } from '../output.js';
import { type Report, reporting } from '../report.js';
import { firstSignal } from '../signals.js';
import { Terminal } from '../terminal.js';
import { type LoadOptions, type LoadResult, load } from './load.js';
import { summaryLines } from './load-summary.js';
import { showProgress } from './progress.js';

const TIMEOUT_SECONDS = 60;

interface LoadCommandOptions extends ConnectionOptions {
  readonly into: string;
  readonly delete?: boolean;
  readonly escaped?: boolean;
}

/** `inode-app load`. */
export function loadCommand(): Command {
  return addConnectionOptions(new Command('load'), TIMEOUT_SECONDS)
    .description('read the metadata of a directory of this machine into the tree')
    .argument('<directory>', 'its entries go below --into, which gets its attributes')
    .option('--into <path>', 'a path of the tree, made when it is missing', '/')
    .option('--delete', 'delete what is below --into and not in the directory')
    .option('--escaped', 'paths are typed as they are printed: \\\\, \\n, \\xff')
    .action((directory: string, options: LoadCommandOptions) =>
      reporting(options.json, (report) => runLoad(directory, options, report)),
    );
}

async function runLoad(
  directory: string,
  options: LoadCommandOptions,
  report: Report,
): Promise<ExitCode> {
  const escaped = options.escaped === true;
  const source = argumentBytes(directory, escaped);
  const into = argumentPath(options.into, escaped);
  await using client = connectWith(options);
  using interrupt = firstSignal(['SIGINT', 'SIGTERM']);
  const { signal } = interrupt;
  const deletes = options.delete === true;
  const result = await loadWithProgress(client, { source, into, deletes, signal });
  const { summary, failure, complete } = result;
  if (failure !== undefined && !signal.aborted) report.error(failure);
  await new Output(process.stdout).result(options.json, summary, summaryLines(summary, complete));
  if (signal.aborted) return ExitCode.Interrupted;
  return complete ? ExitCode.Ok : ExitCode.Refused;
}

/** Loads, and shows on standard error how far it has come. */
export function loadWithProgress(
  client: ByteClient,
  options: Pick<LoadOptions, 'source' | 'into' | 'deletes'> & { readonly signal: AbortSignal },
  terminal: Terminal = new Terminal(process.stderr),
): Promise<LoadResult> {
  return load({
    client,
    ...options,
    showProgress: (entries) => showProgress(terminal, entries),
  });
}
