import type { CallInput } from '../histories/history-event.js';
import type { Random } from '../random.js';
import { inodeTreeLinearizability } from './inode-linearizability.js';
import { treesOf } from './trees.js';
import type { Workload } from './workload.js';

/** Names of files, in the root and in directories: fewer files than names, so that moves succeed. */
const FILES = ['f0', 'f1', 'f2', 'f3'];
const DIRECTORIES = ['d0', 'd1', 'd2'];

export const renames: Workload = {
  name: 'renames',
  proves:
    'a rename is one step, of files and of whole directories: at no moment an inode is there twice, or nowhere',
  calls: ['mkdir', 'create', 'rename', 'list', 'getStatus'],
  generator(random, options) {
    const trees = treesOf(options);
    return { next: () => ({ tree: random.pick(trees), ...draw(random) }) };
  },
  finalCalls: (options) =>
    treesOf(options).flatMap((tree) =>
      ['/', ...DIRECTORIES.map((name) => `/${name}`)].map((path) => ({ kind: 'list', tree, path })),
    ),
  checkers: () => [inodeTreeLinearizability],
};

/** Nothing is ever deleted: what was made is somewhere from then on. */
function draw(random: Random): CallInput {
  const drawn = random.fraction();
  if (drawn < 0.05) return { kind: 'mkdir', path: `/${random.pick(DIRECTORIES.slice(0, 2))}` };
  if (drawn < 0.1) return { kind: 'create', path: `/${random.pick(FILES.slice(0, 2))}` };
  if (drawn < 0.25) return rename(random, drawDirectory);
  if (drawn < 0.6) return rename(random, drawFile);
  if (drawn < 0.9) {
    return { kind: 'list', path: random.chance(0.5) ? '/' : drawDirectory(random) };
  }
  return { kind: 'getStatus', path: drawFile(random) };
}

function rename(random: Random, path: (random: Random) => string): CallInput {
  return { kind: 'rename', source: path(random), destination: path(random) };
}

function drawDirectory(random: Random): string {
  return `/${random.pick(DIRECTORIES)}`;
}

function drawFile(random: Random): string {
  const directory = random.chance(0.5) ? '' : drawDirectory(random);
  return `${directory}/${random.pick(FILES)}`;
}
