import { Command } from 'commander';
import { checkSnapshotFile } from 'raft-ts';
import { UnchangedLog } from 'raft-ts/rocksdb';
import { argumentInvalid } from '../../errors.js';
import { RowsDigest } from '../../store/check/rows-digest.js';
import { argumentInteger } from '../arguments.js';
import { ExitCode } from '../exit-code.js';
import { count } from '../load/load-summary.js';
import { Output } from '../output.js';
import { reporting } from '../report.js';
import {
  directoryReport,
  directoryText,
  entriesText,
  fileReport,
  fileText,
} from './inspect-report.js';
import { entryOf } from './inspected-entry.js';
import { interruptible, type LongWork } from './interruptible.js';
import { Scratch } from './scratch.js';
import { lookedAt, stateError } from './state-error.js';
import { readStoredState } from './stored-state.js';
import { isFilePath, readDirectoryRows, readTreeManifest } from './tree-rows.js';

interface InspectOptions {
  readonly verify?: boolean;
  readonly entries?: string;
  readonly scratch?: string;
  readonly json?: boolean;
}

/** `inode-app inspect`. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      "say what a backup, or a stopped member's data directory, is and holds; changes nothing",
    )
    .argument('<path>', "a backup, a snapshot, or a stopped member's data directory")
    .option('--verify', 'read all of it, and check every checksum')
    .option('--entries <range>', "print entries of a member's log: FIRST..LAST, a line each")
    .option('--scratch <directory>', 'where a copy of what is in no table yet goes')
    .option('--json', 'for programs: one JSON object a line, errors too')
    .action((path: string, options: InspectOptions) =>
      reporting(
        options.json,
        () => interruptible(options.json, (long) => inspect(path, options, long)),
        (error) => stateError(error, lookedAt(path, options.scratch)),
      ),
    );
}

async function inspect(path: string, options: InspectOptions, long: LongWork): Promise<ExitCode> {
  const range = options.entries === undefined ? undefined : entryRange(options.entries);
  const output = new Output(process.stdout);
  if (await isFilePath(path)) {
    if (range !== undefined)
      throw argumentInvalid(`--entries: ${path} is a backup, and has no log`);
    const manifest = await readTreeManifest(path);
    if (options.verify === true) await checkSnapshotFile(path, long.signal);
    const report = fileReport(path, manifest, options.verify === true);
    await output.result(options.json, report, fileText(report));
    return ExitCode.Ok;
  }
  await using scratch = await Scratch.make(options.scratch);
  await using log = await UnchangedLog.open(path, scratch.directory);
  if (range !== undefined) {
    const [first, last] = range;
    const { base, lastIndex } = log.state;
    if (first > lastIndex || last <= base.index) {
      throw argumentInvalid(`--entries: ${path} holds ${entriesText(base.index + 1, lastIndex)}`);
    }
    for (const entry of log.entries(...range)) {
      long.signal.throwIfAborted();
      const shown = entryOf(entry);
      await (options.json === true ? output.json(shown) : output.line(shown.text));
    }
    await output.flush();
    return ExitCode.Ok;
  }
  const stored = await readStoredState(path, scratch.directory);
  const digest =
    options.verify === true ? await digestOf(path, scratch.directory, long) : undefined;
  const report = directoryReport(path, log, stored, digest);
  await output.result(options.json, report, directoryText(report));
  return ExitCode.Ok;
}

/** Reads all rows of the tree: every block of its tables has a checksum. */
async function digestOf(path: string, scratch: string, { signal, show }: LongWork) {
  const digest = new RowsDigest();
  let rows = 0;
  show(() => `${count(rows)} rows read`);
  const take = (key: Buffer, value: Buffer) => {
    rows += 1;
    digest.add(key, value);
  };
  await readDirectoryRows(path, scratch, take, signal);
  return { rows, digest: digest.end() };
}

function entryRange(text: string): readonly [first: number, last: number] {
  const [, from, to] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  if (from === undefined)
    throw argumentInvalid(`"${text}" is no range of entries: write FIRST..LAST`);
  const whole = (part: string) =>
    argumentInteger(part, 'index of an entry', 1, Number.MAX_SAFE_INTEGER);
  const [first, last] = [whole(from), whole(to ?? from)];
  if (first > last)
    throw argumentInvalid(`"${text}" is no range of entries: ${first} is above ${last}`);
  return [first, last];
}
