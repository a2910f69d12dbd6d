import type { Checker } from '../checkers/checker.js';
import { linearizability } from '../checkers/linearizability/linearizability.js';
import { inodeTree } from '../checkers/linearizability/models/inode-tree.js';
import { inodeTreeCalls } from '../checkers/linearizability/models/inode-tree-calls.js';

/** Of trees: see `InodeTreeInput` for the calls that it judges. */
export const inodeTreeLinearizability: Checker = linearizability({
  model: inodeTree,
  form: inodeTreeCalls,
  source: {
    module: new URL('../checkers/linearizability/models/inode-tree.js', import.meta.url).href,
    name: 'inodeTree',
  },
});
