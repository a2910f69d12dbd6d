import type { Command } from 'commander';
import { refusal } from '../../client/byte-client.js';
import { InodeAppError, isRefusalCode } from '../../errors.js';
import type { Operation } from '../../namespace/operations/operation-table.js';
import type { ByteString } from '../../namespace/tree/byte-string.js';
import { InodeType } from '../../namespace/tree/inode.js';
import { childPath, lastName, ROOT_PATH } from '../../namespace/tree/path.js';
import { argumentMode, argumentOwner } from '../arguments.js';
import { type FsOptions, type FsSession, fsCommand, type PathArgument } from './fs-command.js';

/** `fs` commands that change the tree. */
export function changeCommands(): readonly Command[] {
  return [mkdirCommand(), touchCommand(), mvCommand(), rmCommand(), chmodCommand(), chownCommand()];
}

function mkdirCommand(): Command {
  return fsCommand<FsOptions & { parents?: boolean; mode?: string }>(
    'mkdir <path...>',
    'make directories',
    (session, paths, options) => {
      const attributes = options.mode === undefined ? {} : { mode: argumentMode(options.mode) };
      const parents = options.parents === true;
      return session.runEach(paths, (path) => ({ kind: 'mkdir', path, parents, attributes }));
    },
  )
    .option('-p, --parents', 'make missing parents too; a directory that exists is no error')
    .option('-m, --mode <mode>', 'permissions in octal (default 755)');
}

function touchCommand(): Command {
  return fsCommand(
    'touch <path...>',
    'make files, or set the times of what exists to now',
    (session, paths) => session.each(paths, (argument) => touch(session, argument)),
  );
}

async function touch(session: FsSession, argument: PathArgument): Promise<void> {
  const { path } = argument;
  try {
    await session.run({ kind: 'create', path, attributes: {} }, argument);
  } catch (error) {
    if (!(error instanceof InodeAppError) || error.code !== 'ALREADY_EXISTS') throw error;
    const now = Date.now();
    const attributes = { modifiedMs: now, accessedMs: now };
    await session.run({ kind: 'setAttribute', path, attributes }, argument);
  }
}

function mvCommand(): Command {
  return fsCommand(
    'mv <source> <more...>',
    'move entries to a new path, or below a directory that exists; never over something',
    async (session, paths) => {
      const all = paths.map((path) => session.path(path));
      const destination = all.pop() ?? { path: ROOT_PATH, directory: true };
      const below = (await typeAt(session, destination.path)) === InodeType.Directory;
      if (all.length > 1 && !below) {
        throw new InodeAppError(
          'NOT_A_DIRECTORY',
          'several entries can only be moved below a directory: the last path is none',
        );
      }
      for (const source of all) {
        await session.attempt(() => move(session, source, destination, below));
      }
    },
  ).usage('[options] <source...> <destination>');
}

/** Moves an entry to the destination, or below it where that is a directory. */
async function move(
  session: FsSession,
  source: PathArgument,
  destination: PathArgument,
  below: boolean,
): Promise<void> {
  const path = below ? childPath(destination.path, lastName(source.path)) : destination.path;
  if (destination.directory && !below) {
    // Only a directory can become what the slash says, and only where nothing is.
    const type = (await session.status(source)).type;
    if (type !== InodeType.Directory || (await typeAt(session, path)) !== undefined) {
      throw refusal(['NOT_A_DIRECTORY', path]);
    }
  } else if (source.directory) await session.status(source);
  const rename: Operation =
    source.path === ROOT_PATH
      ? { kind: 'rename', source: ROOT_PATH, destination: ROOT_PATH }
      : { kind: 'rename', source: source.path, destination: path };
  await session.run(rename, { path, directory: false });
}

/** What is at a path; undefined for nothing. */
async function typeAt(session: FsSession, path: ByteString): Promise<InodeType | undefined> {
  try {
    return (await session.client.getStatus(path)).type;
  } catch (error) {
    if (error instanceof InodeAppError && isRefusalCode(error.code)) return undefined;
    throw error;
  }
}

function rmCommand(): Command {
  return fsCommand<FsOptions & { recursive?: boolean; force?: boolean }>(
    'rm <path...>',
    'delete files, links and empty directories; with -r whatever is below them too',
    (session, paths, options) =>
      session.each(paths, async (argument) => {
        const recursive = options.recursive === true;
        try {
          await session.run({ kind: 'delete', path: argument.path, recursive }, argument);
        } catch (error) {
          const missing = error instanceof InodeAppError && error.code === 'NOT_FOUND';
          if (!missing || options.force !== true) throw error;
        }
      }),
  )
    .option('-r, --recursive', 'delete directories with all that is below them')
    .option('-f, --force', 'what does not exist is no error');
}

function chmodCommand(): Command {
  return fsCommand('chmod <mode> <path...>', 'set permissions, in octal', (session, paths) => {
    const [mode = '', ...rest] = paths;
    const attributes = { mode: argumentMode(mode) };
    return session.runEach(rest, (path) => ({ kind: 'setAttribute', path, attributes }));
  });
}

function chownCommand(): Command {
  return fsCommand(
    'chown <owner> <path...>',
    'set owner and group: OWNER, OWNER:GROUP or :GROUP',
    (session, paths, options) => {
      const [owner = '', ...rest] = paths;
      const attributes = argumentOwner(owner, options.escaped === true);
      return session.runEach(rest, (path) => ({ kind: 'setAttribute', path, attributes }));
    },
  );
}
