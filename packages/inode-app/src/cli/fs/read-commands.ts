import { type Command, Option } from 'commander';
import { displayBytes } from '../../display-names.js';
import { argumentInvalid } from '../../errors.js';
import { type ByteString, NO_BYTES, textFromByteString } from '../../namespace/tree/byte-string.js';
import { type Inode, InodeType } from '../../namespace/tree/inode.js';
import { childPath, lastName } from '../../namespace/tree/path.js';
import { argumentBytes, argumentInteger } from '../arguments.js';
import { globMatcher } from '../glob.js';
import { counted } from '../load/load-summary.js';
import { type FsOptions, type FsSession, fsCommand, type PathArgument } from './fs-command.js';
import { jsonEntry, longLines, sizeText, statusLines } from './print-entry.js';
import { TreeWalk } from './walk-tree.js';

/** Lines of `ls -l` that are aligned among themselves, as many as a page has. */
const ALIGNED_LINES = 1000;

/** `fs` commands that leave the tree as it is. */
export function readCommands(): readonly Command[] {
  return [lsCommand(), statCommand(), findCommand(), countCommand()].map((command) =>
    command
      .addOption(
        new Option('--read-from <whom>', 'who answers; what is seen is the same, nothing is older')
          .choices(['leader', 'any'])
          .default('leader'),
      )
      .option(
        '--sync <ms>',
        'in mounts, how old what is known may be; 0: look now; -1: whatever is known',
      )
      .option('--stale', 'in mounts, what is known where the storage does not answer'),
  );
}

type LsOptions = FsOptions & {
  readonly long?: boolean;
  readonly humanReadable?: boolean;
  readonly recursive?: boolean;
};

function lsCommand(): Command {
  return fsCommand<LsOptions>(
    'ls [path...]',
    'list directories in the byte order of names; other entries as themselves',
    (session, paths, options) => {
      const all = paths.length === 0 ? ['/'] : paths;
      return session.each(all, (argument) => list(session, argument, options, all.length > 1));
    },
  )
    .option('-l, --long', 'with type, permissions, owner, group, size and time')
    .option('-h, --human-readable', 'with -l, sizes in units of 1,024, such as 1.5K')
    .option('-R, --recursive', 'with all that is below, as whole paths');
}

async function list(
  session: FsSession,
  argument: PathArgument,
  options: LsOptions,
  wholePaths: boolean,
): Promise<void> {
  const { path } = argument;
  const lister = new Lister(session, options);
  const top = await session.status(argument);
  if (top.type !== InodeType.Directory) {
    await lister.entry(path, path, top);
  } else if (options.recursive === true) {
    for await (const step of new TreeWalk(session.client, { listing: session.listing }).below(
      path,
    )) {
      if ('error' in step) session.report.refusal(step.error);
      else await lister.entry(step.path, step.path, step.inode);
    }
  } else {
    for await (const { name, inode } of session.client.entries(path, NO_BYTES, session.listing)) {
      const whole = childPath(path, name);
      await lister.entry(whole, wholePaths ? whole : name, inode);
    }
  }
  await lister.flush();
}

/** Prints entries in the form that the options ask for. */
class Lister {
  readonly #session: FsSession;
  readonly #long: boolean;
  readonly #size: (bytes: number) => string;
  #lines: { readonly shown: ByteString; readonly inode: Inode }[] = [];

  constructor(session: FsSession, options: LsOptions) {
    this.#session = session;
    this.#long = options.long === true;
    this.#size = options.humanReadable === true ? sizeText : String;
  }

  async entry(path: ByteString, shown: ByteString, inode: Inode): Promise<void> {
    const { output, json } = this.#session;
    if (json) await output.json(jsonEntry(path, inode));
    else if (!this.#long) await output.line(displayBytes(shown));
    else {
      this.#lines.push({ shown, inode });
      if (this.#lines.length >= ALIGNED_LINES) await this.flush();
    }
  }

  async flush(): Promise<void> {
    for (const line of longLines(this.#lines, this.#size)) await this.#session.output.line(line);
    this.#lines = [];
  }
}

function statCommand(): Command {
  return fsCommand<FsOptions & { id?: string }>(
    'stat [path...]',
    'everything about entries, by path or by inode id',
    async (session, paths, options) => {
      if (paths.length === 0 && options.id === undefined) {
        throw argumentInvalid('stat needs a path, or --id');
      }
      if (options.id !== undefined) {
        const id = argumentInteger(options.id, 'inode id', 1, Number.MAX_SAFE_INTEGER);
        await session.attempt(async () => {
          const { path, inode } = await session.client.getStatusById(id);
          await showStatus(session, path, inode);
        });
      }
      await session.each(paths, async (argument) =>
        showStatus(session, argument.path, await session.status(argument)),
      );
    },
  ).option('--id <id>', 'the entry with this inode id, wherever it is now');
}

async function showStatus(session: FsSession, path: ByteString, inode: Inode): Promise<void> {
  if (session.json) {
    await session.output.json(jsonEntry(path, inode));
    return;
  }
  const mount = inode.mounted && (await session.mount(inode.mounted.mount));
  for (const line of statusLines(path, inode, mount)) await session.output.line(line);
}

const FIND_TYPES: Readonly<Record<string, InodeType>> = {
  d: InodeType.Directory,
  f: InodeType.File,
  l: InodeType.SymbolicLink,
};

function findCommand(): Command {
  return fsCommand<FsOptions & { type?: string; name?: string }>(
    'find [path...]',
    'all paths below paths, and these first: directories before their entries, in byte order',
    (session, paths, options) => {
      const matches = findCondition(options);
      return session.each(paths.length === 0 ? ['/'] : paths, (argument) =>
        find(session, argument, matches),
      );
    },
  )
    .option('--type <type>', 'only d (directories), f (files) or l (symbolic links)')
    .option('--name <pattern>', 'only names like this: *, ?, [a-z]; quote it');
}

type Condition = (path: ByteString, inode: Inode) => boolean;

function findCondition(
  options: FsOptions & { readonly type?: string; readonly name?: string },
): Condition {
  const type = options.type === undefined ? undefined : FIND_TYPES[options.type];
  if (options.type !== undefined && type === undefined) {
    throw argumentInvalid('--type is d, f or l');
  }
  const pattern =
    options.name === undefined
      ? undefined
      : globMatcher(argumentBytes(options.name, options.escaped === true));
  if (options.name !== undefined && pattern === undefined) {
    throw argumentInvalid('--name: the pattern has no end, or an empty set');
  }
  return (path, inode) =>
    (type === undefined || inode.type === type) &&
    (pattern === undefined || pattern(lastName(path)));
}

async function find(session: FsSession, argument: PathArgument, matches: Condition): Promise<void> {
  const { output, json } = session;
  await eachBelow(session, argument, (found, inode) => {
    if (!matches(found, inode)) return undefined;
    return json ? output.json(jsonEntry(found, inode)) : output.line(displayBytes(found));
  });
}

/** The path itself, then all below it. */
async function eachBelow(
  session: FsSession,
  argument: PathArgument,
  visit: (path: ByteString, inode: Inode) => Promise<void> | undefined,
): Promise<void> {
  const top = await session.status(argument);
  await visit(argument.path, top);
  if (top.type !== InodeType.Directory) return;
  for await (const step of new TreeWalk(session.client, { listing: session.listing }).below(
    argument.path,
  )) {
    if ('error' in step) {
      session.report.refusal(step.error);
      continue;
    }
    const wait = visit(step.path, step.inode);
    if (wait !== undefined) await wait;
  }
}

function countCommand(): Command {
  return fsCommand(
    'count [path...]',
    'how many entries of each type, paths included',
    (session, paths) =>
      session.each(paths.length === 0 ? ['/'] : paths, (argument) => countBelow(session, argument)),
  );
}

async function countBelow(session: FsSession, argument: PathArgument): Promise<void> {
  const counts: [directories: number, files: number, symlinks: number] = [0, 0, 0];
  // One file may have 2^53 - 1 bytes, so several have more than a number holds exactly.
  let bytes = 0n;
  await eachBelow(session, argument, (_found, inode) => {
    counts[inode.type] += 1;
    if (inode.type === InodeType.File) bytes += BigInt(inode.size);
    return undefined;
  });
  const { path } = argument;
  const { output, json } = session;
  await output.line(json ? countJson(path, counts, bytes) : countText(path, counts, bytes));
}

type Counts = readonly [directories: number, files: number, symlinks: number];

/** The bytes stand in all their digits, whatever a reader makes of them. */
function countJson(path: ByteString, [directories, files, symlinks]: Counts, bytes: bigint) {
  const entries = directories + files + symlinks;
  const fields = { path: textFromByteString(path), entries, directories, files, symlinks };
  return `${JSON.stringify(fields).slice(0, -1)},"bytes":${bytes}}`;
}

function countText(path: ByteString, [directories, files, symlinks]: Counts, bytes: bigint) {
  return (
    `${displayBytes(path)}: ${counted(directories + files + symlinks, 'entry', 'entries')} ` +
    `(${counted(directories, 'directory', 'directories')}, ` +
    `${counted(files, 'file')} of ${counted(bytes, 'byte')}, ` +
    `${counted(symlinks, 'symbolic link')})`
  );
}
