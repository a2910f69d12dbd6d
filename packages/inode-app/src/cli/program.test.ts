import { afterEach, expect, it, vi } from 'vitest';
import { ExitCode } from './exit-code.js';
import { runProgram } from './program.js';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

it.each([
  [['blub'], "unknown command 'blub'. See inode-app --help"],
  [['fs', 'lz', '/'], "unknown command 'lz'. See inode-app fs --help"],
  [['members', 'ad', '4=a:1/b:1'], "unknown command 'ad'. See inode-app members --help"],
  [['members', 'ad', '--unchecked'], "unknown command 'ad'. See inode-app members --help"],
  [['sessions', 'lst'], "unknown command 'lst'. See inode-app sessions --help"],
  [['sessions', 'l\u0007'], "unknown command 'l\\a'. See inode-app sessions --help"],
  [['members', '--json', 'list'], "options come behind 'list'. See inode-app members --help"],
  [['members', '--foo'], "unknown option '--foo'. See inode-app members list --help"],
  [
    ['members', 'list', 'more'],
    "too many arguments for 'list'. Expected 0 arguments but got 1. See inode-app members list --help",
  ],
  [['members', 'add'], "missing required argument 'member'. See inode-app members add --help"],
  [['mount', '/a'], "missing required argument 'uri'. See inode-app mount add --help"],
  [['mount', 'update'], "missing required argument 'path'. See inode-app mount update --help"],
  [
    ['mount', '--shared', 'update', '/a', 'b'],
    "options come behind 'update'. See inode-app mount --help",
  ],
  [['mount', 'update', '/a'], 'say what to change: see inode-app mount update --help'],
  [
    ['mount', 'update', '/a', '--read-only', '--read-write'],
    '--read-only and --read-write exclude each other',
  ],
  [
    ['mount', 'update', '/a', '--no-options', '--option', 'a=b'],
    '--option and --no-options exclude each other',
  ],
  [['mount', '/a', ''], 'the URI must not be empty'],
  [['mount', '/a', 'file:///b', '--option', 'x'], '"x" is no option: write NAME=VALUE'],
  [
    ['fs', 'complete', '/a'],
    "required option '--size <bytes>' not specified. See inode-app fs complete --help",
  ],
  [['master'], "required option '--id <id>' not specified. See inode-app master --help"],
])('inode-app %j says what was typed wrongly, and whose help to read', async (args, reason) => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(`${text}`.replace(/^inode-app: |\n$/g, ''));
    return true;
  });
  await runProgram(args);
  expect({ said, code: process.exitCode }).toEqual({ said: [reason], code: ExitCode.Usage });
});
