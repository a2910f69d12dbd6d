import { realpathSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join } from 'node:path';

const NAME = 'inode-app';

/** How this program was run. */
export interface ProgramRun {
  /** Of Node. */
  readonly execPath: string;
  /** The file that it was told to run. */
  readonly file: string;
  /** The environment variable of this name. */
  readonly path: string | undefined;
}

const THIS_RUN: ProgramRun = {
  execPath: process.execPath,
  file: process.argv[1] ?? NAME,
  path: process.env.PATH,
};

/**
 * The words that run this program whatever the directory they are typed in: its name where a shell
 * finds it by that, else Node and the program's file.
 */
export function ownCommand(run: ProgramRun = THIS_RUN): readonly string[] {
  const file = realPath(run.file) ?? run.file;
  if (isFoundAs(NAME, file, run.path)) return [NAME];
  return [isFoundAs('node', realPath(run.execPath), run.path) ? 'node' : run.execPath, file];
}

/** Whether the first program of this name that a shell finds is this file. */
function isFoundAs(name: string, file: string | undefined, path = ''): boolean {
  // npm and npx put directories first that no shell looks into.
  const own = (directory: string) =>
    isAbsolute(directory) && !directory.includes('node-gyp-bin') && basename(directory) !== '.bin';
  const found = path
    .split(delimiter)
    .filter(own)
    .map((directory) => realPath(join(directory, name)));
  return file !== undefined && found.find((each) => each !== undefined) === file;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
