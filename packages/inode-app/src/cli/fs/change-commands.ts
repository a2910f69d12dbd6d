import type { Command } from 'commander';
import { InodeAppError, isRefusalCode } from '../../errors.js';
import type { ByteString } from '../../namespace/tree/byte-string.js';
import { InodeType } from '../../namespace/tree/inode.js';
import { childPath, lastName, ROOT_PATH } from '../../namespace/tree/path.js';
import { argumentMode, argumentOwner } from '../arguments.js';
import { type FsOptions, type FsSession, fsCommand } from './fs-command.js';

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
    (session, paths) => session.each(paths, (path) => touch(session, path)),
  );
}

async function touch(session: FsSession, path: ByteString): Promise<void> {
  try {
    await session.run({ kind: 'create', path, attributes: {} }, path);
  } catch (error) {
    if (!(error instanceof InodeAppError) || error.code !== 'ALREADY_EXISTS') throw error;
    const now = Date.now();
    const attributes = { modifiedMs: now, accessedMs: now };
    await session.run({ kind: 'setAttribute', path, attributes }, path);
  }
}

function mvCommand(): Command {
  return fsCommand(
    'mv <source> <more...>',
    'move entries to a new path, or below a directory that exists; never over something',
    async (session, paths) => {
      const all = paths.map((path) => session.path(path));
      const destination = all.at(-1) ?? ROOT_PATH;
      const below = await isDirectory(session, destination);
      if (all.length > 2 && !below) {
        throw new InodeAppError(
          'NOT_A_DIRECTORY',
          'several entries can only be moved below a directory: the last path is none',
        );
      }
      for (const source of all.slice(0, -1)) {
        const place = below ? childPath(destination, lastName(source)) : destination;
        await session.attempt(() =>
          session.run(
            { kind: 'rename', source, destination: source === ROOT_PATH ? ROOT_PATH : place },
            place,
          ),
        );
      }
    },
  ).usage('[options] <source...> <destination>');
}

async function isDirectory(session: FsSession, path: ByteString): Promise<boolean> {
  try {
    return (await session.client.getStatus(path)).type === InodeType.Directory;
  } catch (error) {
    if (error instanceof InodeAppError && isRefusalCode(error.code)) return false;
    throw error;
  }
}

function rmCommand(): Command {
  return fsCommand<FsOptions & { recursive?: boolean; force?: boolean }>(
    'rm <path...>',
    'delete files, links and empty directories; with -r whatever is below them too',
    (session, paths, options) =>
      session.each(paths, async (path) => {
        try {
          await session.run({ kind: 'delete', path, recursive: options.recursive === true }, path);
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
