import type { CallInput } from '../histories/history-event.js';
import type { Random } from '../random.js';
import { inodeTreeLinearizability } from './inode-linearizability.js';
import { treesOf } from './trees.js';
import type { Workload } from './workload.js';

/** Few, so that calls collide. */
const NAMES = ['a', 'b', 'c'];
const MAX_DEPTH = 3;
/** Of lists, those of the tree's root. */
const ROOT_LISTS = 0.3;
const RECURSIVE = 0.3;

export const inode: Workload = {
  name: 'inode',
  proves:
    'create, mkdir, rename, delete, list and getStatus of a tree take effect at one moment, refusals included',
  calls: ['create', 'mkdir', 'rename', 'delete', 'list', 'getStatus'],
  generator(random, options) {
    const trees = treesOf(options);
    return { next: () => ({ tree: random.pick(trees), ...draw(random) }) };
  },
  finalCalls: (options) => treesOf(options).map((tree) => ({ kind: 'list', tree, path: '/' })),
  checkers: () => [inodeTreeLinearizability],
};

function draw(random: Random): CallInput {
  const path = drawPath(random);
  const drawn = random.fraction();
  if (drawn < 0.2) return { kind: 'create', path };
  if (drawn < 0.4) return { kind: 'mkdir', path };
  if (drawn < 0.55) return { kind: 'rename', source: path, destination: drawPath(random) };
  if (drawn < 0.7) return { kind: 'delete', path, recursive: random.chance(RECURSIVE) };
  if (drawn < 0.85) return { kind: 'list', path: random.chance(ROOT_LISTS) ? '/' : path };
  return { kind: 'getStatus', path };
}

function drawPath(random: Random): string {
  const depth = random.between(1, MAX_DEPTH);
  return Array.from({ length: depth }, () => `/${random.pick(NAMES)}`).join('');
}
