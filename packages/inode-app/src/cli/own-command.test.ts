import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ownCommand } from './own-command.js';

let top: string;
let file: string;

/** The installed program, and what lies in a directory of this name below `top`. */
function linked(directory: string, name: string, to = file): string {
  mkdirSync(join(top, directory), { recursive: true });
  symlinkSync(to, join(top, directory, name));
  return join(top, directory);
}

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'own-command-')));
  file = join(top, 'inode-app.js');
  writeFileSync(file, '');
});

afterEach(() => rmSync(top, { recursive: true }));

it('is the name alone where a shell finds it', () => {
  const bin = linked('bin', 'inode-app');
  const run = { execPath: '/usr/bin/node', file: join(bin, 'inode-app') };
  expect(ownCommand({ ...run, path: `/nowhere:${bin}` })).toEqual(['inode-app']);
});

it('is Node and the file where npx alone finds the name, or it is another program', () => {
  const node = linked('node', 'node', process.execPath);
  const run = { execPath: process.execPath, file };
  for (const path of [
    node,
    `${linked('node_modules/.bin', 'inode-app')}:${node}`,
    `${linked('other', 'inode-app', process.execPath)}:${linked('later', 'inode-app')}:${node}`,
  ]) {
    expect(ownCommand({ ...run, path })).toEqual(['node', file]);
  }
});

it('names the Node that runs it where a shell finds none, or another one', () => {
  const run = { execPath: process.execPath, file, path: linked('node', 'node') };
  expect(ownCommand(run)).toEqual([process.execPath, file]);
  expect(ownCommand({ ...run, path: undefined })).toEqual([process.execPath, file]);
});
