import { displayBytes } from '../../display-names.js';
import { type EdgeKey, edgeName, edgeParent, ROOT_EDGE } from '../../namespace/tree/edge.js';
import { InodeType, ROOT_ID } from '../../namespace/tree/inode.js';
import type { InodeFacts, PlacedInode } from './inode-facts.js';
import type { TreeProblems } from './tree-problem.js';

/** Holds all that rows say of one id against what may be; ids from `nextId` on were never given. */
export function checkInode(facts: InodeFacts, nextId: number, problems: TreeProblems): void {
  const { id, inodes, inodeCount } = facts;
  const [inode, other] = inodes;
  if (id >= nextId) {
    problems.add('id-never-given', `the id ${id}, and the next one is ${nextId}`, id);
  }
  if (inode !== undefined && other !== undefined) {
    const where = `${placeText(inode.edge)} and ${placeText(other.edge)}`;
    problems.add('id-twice', `${inodeCount} inodes with the id ${id}, as ${where}`, id);
  }
  if (id === ROOT_ID) checkRoot(facts, problems);
  else checkLocation(facts, problems);
  if (inode === undefined) checkNone(facts, problems);
  else checkEntries(facts, inode, problems);
  checkTrash(facts, problems);
}

function checkRoot({ inodes, location }: InodeFacts, problems: TreeProblems): void {
  const [root] = inodes;
  if (root?.edge !== ROOT_EDGE || root.type !== InodeType.Directory) {
    problems.add('root', 'no root', ROOT_ID);
  }
  if (location !== undefined) {
    problems.add('location-left', 'a location of the root, which hangs nowhere', ROOT_ID);
  }
}

function checkLocation({ id, inodes, location }: InodeFacts, problems: TreeProblems): void {
  const [inode] = inodes;
  if (inode === undefined) {
    if (location === undefined) return;
    const said = `inode ${id} is said to be ${placeText(location)}`;
    problems.add('location-left', `${said}, and is nowhere`, id);
  } else if (location === undefined) {
    problems.add(
      'location-missing',
      `nothing says that inode ${id} is ${placeText(inode.edge)}`,
      id,
    );
  } else if (!inodes.some(({ edge }) => edge === location)) {
    const is = `inode ${id} is ${placeText(inode.edge)}`;
    problems.add('location-wrong', `${is}, and is said to be ${placeText(location)}`, id);
  }
}

function checkEntries(
  { id, entries, startCount, starts }: InodeFacts,
  { type, children }: PlacedInode,
  problems: TreeProblems,
): void {
  const count = entries?.count ?? 0;
  if (type !== InodeType.Directory) {
    if (count > 0) {
      problems.add('entries-of-no-directory', `${count} entries of inode ${id}, no directory`, id);
    }
    if (startCount > 0) problems.add('start-row', `a start row of inode ${id}, no directory`, id);
    return;
  }
  if (count !== children) {
    problems.add('children', `directory ${id} has ${count} entries, and says ${children}`, id);
  }
  if (starts.some((name) => name !== '')) {
    problems.add('start-row', `a start row within directory ${id}, which is in use`, id);
  }
}

/** Nothing hangs anywhere under this id. */
function checkNone({ id, entries, startCount, trash }: InodeFacts, problems: TreeProblems): void {
  if (trash.length > 0) return;
  if (entries !== undefined) {
    const whose = `${entries.count} entries of directory ${id}`;
    problems.add(
      'directory-missing',
      `${whose}, which is neither in the tree nor in the trash`,
      id,
    );
  }
  if (startCount > 0)
    problems.add('start-row', `a start row of directory ${id}, which is gone`, id);
}

function checkTrash(facts: InodeFacts, problems: TreeProblems): void {
  const { id, inodes, entries, starts, startCount } = facts;
  const [trashed, again] = facts.trash;
  if (trashed === undefined) return;
  if (again !== undefined) problems.add('trash', `directory ${id} is in the trash twice`, id);
  if (inodes.length > 0) {
    problems.add('trash', `directory ${id} is in the trash, and in the tree`, id);
    return;
  }
  if (entries !== undefined && entries.first <= trashed.after) {
    const entry = `the entry "${displayBytes(entries.first)}" of directory ${id}`;
    problems.add('trash', `${entry}, which should have been given back`, id);
  }
  const known = starts.every((name) => name === '' || name === trashed.after);
  if (!known || startCount > starts.length) {
    problems.add('start-row', `a start row within directory ${id} that nothing begins at`, id);
  }
}

/** Where an edge leads to, in words. */
function placeText(edge: EdgeKey): string {
  if (edge === ROOT_EDGE) return 'the root';
  return `"${displayBytes(edgeName(edge))}" in directory ${edgeParent(edge)}`;
}
