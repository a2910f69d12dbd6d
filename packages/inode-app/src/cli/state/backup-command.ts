import { Command } from 'commander';
import {
  type BackupOptions,
  backUp,
  isDiskFull,
  type SnapshotManifest,
  streamBackup,
} from 'raft-ts';
import { argumentInvalid, InodeAppError } from '../../errors.js';
import { argumentInteger, argumentText, argumentTimeout } from '../arguments.js';
import { addConnectionOptions, type ConnectionOptions } from '../connection-options.js';
import { ExitCode } from '../exit-code.js';
import { count } from '../load/load-summary.js';
import { Output } from '../output.js';
import { reporting } from '../report.js';
import { findState } from './find-state.js';
import { interruptible, type LongWork } from './interruptible.js';
import { pullText } from './pull-text.js';
import { stateError } from './state-error.js';

const TIMEOUT_SECONDS = 10;
const MEBIBYTE = 1024 * 1024;
/** Of a rate, mebibytes a second. */
const MAX_RATE = 1024 * 1024;
/** What stands for standard output. */
const STANDARD_OUTPUT = '-';

interface BackupCommandOptions extends ConnectionOptions {
  readonly from?: string;
  readonly force?: boolean;
  readonly rate?: string;
}

/** `inode-app backup`. */
export function backupCommand(): Command {
  return addConnectionOptions(new Command('backup'), TIMEOUT_SECONDS)
    .description('copy the tree of a running cluster, as it is at one moment, into a file')
    .argument('<file>', `what is not there yet; ${STANDARD_OUTPUT} for standard output`)
    .option(
      '--from <member>',
      'its id, or its address for clients (default: a follower where one can)',
    )
    .option('--force', 'replace the file, if it is there')
    .option('--rate <MiB>', 'take no more in a second')
    .action((file: string, options: BackupCommandOptions) =>
      reporting(
        options.json,
        () => interruptible(options.json, (long) => backup(file, options, long)),
        (error) => stateError(error, { file, data: file, room: file }),
      ),
    );
}

async function backup(
  file: string,
  options: BackupCommandOptions,
  { signal, show }: LongWork,
): Promise<ExitCode> {
  const path = argumentText(file, 'the file');
  const timeoutMs = argumentTimeout(options.timeout);
  const rate =
    options.rate === undefined
      ? Number.POSITIVE_INFINITY
      : argumentInteger(options.rate, '--rate', 1, MAX_RATE) * MEBIBYTE;
  if (path === STANDARD_OUTPUT && process.stdout.isTTY) {
    throw argumentInvalid(
      'a backup is nothing for a terminal: redirect the output, or name a file',
    );
  }
  const progress = pullText(show);
  const state = await findState(options, timeoutMs, options.from, signal);
  const asked: BackupOptions = { ...state, maxBytesPerSecond: rate, progress };
  if (path === STANDARD_OUTPUT) {
    const manifest = await streamBackup(writeToOutput, asked, signal);
    const said = options.json === true ? JSON.stringify(summary(path, manifest)) : undefined;
    if (said !== undefined) process.stderr.write(`${said}\n`);
    return ExitCode.Ok;
  }
  const manifest = await backUp(path, { ...asked, overwrite: options.force === true }, signal);
  await new Output(process.stdout).result(options.json, summary(path, manifest), [
    `${path}: ${count(manifest.extent.rows)} rows, ${count(manifest.fileBytes)} bytes, as of entry ` +
      `${manifest.header.base.index}`,
  ]);
  return ExitCode.Ok;
}

function summary(path: string, { id, header, extent, fileBytes }: SnapshotManifest) {
  const { index, term } = header.base;
  const { rows } = extent;
  return { file: path, id, clusterId: header.clusterId, index, term, rows, bytes: fileBytes };
}

function writeToOutput(bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      if (error == null) resolve();
      else reject(isDiskFull(error) ? error : unwritten(error));
    });
  });
}

function unwritten(cause: Error): InodeAppError {
  const closed = 'code' in cause && cause.code === 'EPIPE';
  const why = closed ? 'nobody reads it any more' : cause.message;
  const message = `the backup was not written as a whole: ${why}. What was written of it is none`;
  return new InodeAppError('FILE_UNUSABLE', message, { cause });
}
