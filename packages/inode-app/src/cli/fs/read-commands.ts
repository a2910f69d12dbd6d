import { type Command, Option } from 'commander';
import { displayBytes } from '../../display-names.js';
import { argumentInvalid, InodeAppError } from '../../errors.js';
import { type ByteString, NO_BYTES, textFromByteString } from '../../namespace/tree/byte-string.js';
import { type Inode, InodeType } from '../../namespace/tree/inode.js';
import { childPath, lastName } from '../../namespace/tree/path.js';
import { argumentBytes, argumentInteger } from '../arguments.js';
import { globMatcher } from '../glob.js';
import { counted } from '../load/load-summary.js';
import { type FsOptions, type FsSession, fsCommand } from './fs-command.js';
import { jsonEntry, longLines, statusLines } from './print-entry.js';
import { TreeWalk } from './walk-tree.js';

/** Lines of `ls -l` that are aligned among themselves, as many as a page has. */
const ALIGNED_LINES = 1000;

/** `fs` commands that leave the tree as it is. */
export function readCommands(): readonly Command[] {
  return [lsCommand(), statCommand(), findCommand(), countCommand()].map((command) =>
    command.addOption(
      new Option('--read-from <whom>', 'who answers; what is seen is the same, nothing is older')
        .choices(['leader', 'any'])
        .default('leader'),
    ),
  );
}

type LsOptions = FsOptions & { readonly long?: boolean; readonly recursive?: boolean };

function lsCommand(): Command {
  return fsCommand<LsOptions>(
    'ls [path...]',
    'list directories in the byte order of names; other entries as themselves',
    (session, paths, options) => {
      const all = paths.length === 0 ? ['/'] : paths;
      return session.each(all, (path) => list(session, path, options, all.length > 1));
    },
  )
    .option('-l, --long', 'with type, permissions, owner, group, size and time')
    .option('-R, --recursive', 'with all that is below, as whole paths');
}

async function list(
  session: FsSession,
  path: ByteString,
  options: LsOptions,
  wholePaths: boolean,
): Promise<void> {
  const lister = new Lister(session, options);
  const top = await session.client.getStatus(path);
  if (top.type !== InodeType.Directory) {
    await lister.entry(path, path, top);
  } else if (options.recursive === true) {
    for await (const step of new TreeWalk(session.client).below(path)) {
      if ('error' in step) session.report.error(step.error);
      else await lister.entry(step.path, step.path, step.inode);
    }
  } else {
    for await (const { name, inode } of session.client.entries(path, NO_BYTES)) {
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
  #lines: { readonly shown: ByteString; readonly inode: Inode }[] = [];

  constructor(session: FsSession, options: LsOptions) {
    this.#session = session;
    this.#long = options.long === true;
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
    for (const line of longLines(this.#lines)) await this.#session.output.line(line);
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
          const { path, inode } = await statusById(session, id);
          await showStatus(session, path, inode);
        });
      }
      await session.each(paths, async (path) =>
        showStatus(session, path, await session.client.getStatus(path)),
      );
    },
  ).option('--id <id>', 'the entry with this inode id, wherever it is now');
}

async function statusById(session: FsSession, id: number) {
  try {
    return await session.client.getStatusById(id);
  } catch (error) {
    if (!(error instanceof InodeAppError) || error.code !== 'NOT_FOUND') throw error;
    throw new InodeAppError('NOT_FOUND', `no entry has the inode id ${id}`, { cause: error });
  }
}

async function showStatus(session: FsSession, path: ByteString, inode: Inode): Promise<void> {
  if (session.json) await session.output.json(jsonEntry(path, inode));
  else for (const line of statusLines(path, inode)) await session.output.line(line);
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
      return session.each(paths.length === 0 ? ['/'] : paths, (path) =>
        find(session, path, matches),
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

async function find(session: FsSession, path: ByteString, matches: Condition): Promise<void> {
  const { output, json } = session;
  await eachBelow(session, path, (found, inode) => {
    if (!matches(found, inode)) return undefined;
    return json ? output.json(jsonEntry(found, inode)) : output.line(displayBytes(found));
  });
}

/** The path itself, then all below it. */
async function eachBelow(
  session: FsSession,
  path: ByteString,
  visit: (path: ByteString, inode: Inode) => Promise<void> | undefined,
): Promise<void> {
  const top = await session.client.getStatus(path);
  await visit(path, top);
  if (top.type !== InodeType.Directory) return;
  for await (const step of new TreeWalk(session.client).below(path)) {
    if ('error' in step) {
      session.report.error(step.error);
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
      session.each(paths.length === 0 ? ['/'] : paths, (path) => countBelow(session, path)),
  );
}

async function countBelow(session: FsSession, path: ByteString): Promise<void> {
  const counts: [directories: number, files: number, symlinks: number] = [0, 0, 0];
  let bytes = 0;
  await eachBelow(session, path, (_found, inode) => {
    counts[inode.type] += 1;
    if (inode.type === InodeType.File) bytes += inode.size;
    return undefined;
  });
  const [directories, files, symlinks] = counts;
  const entries = directories + files + symlinks;
  await (session.json
    ? session.output.json({
        path: textFromByteString(path),
        entries,
        directories,
        files,
        symlinks,
        bytes,
      })
    : session.output.line(
        `${displayBytes(path)}: ${counted(entries, 'entry', 'entries')} ` +
          `(${counted(directories, 'directory', 'directories')}, ` +
          `${counted(files, 'file')} of ${counted(bytes, 'byte')}, ` +
          `${counted(symlinks, 'symbolic link')})`,
      ));
}
