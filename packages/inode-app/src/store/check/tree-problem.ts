/** What can be wrong with a tree. The names are for programs, and do not change. */
export type TreeProblemKind =
  /** A row that no version writes. */
  | 'row-damaged'
  /** A key of no kind. */
  | 'row-unknown'
  /** Rows that are not in the order of their keys, or twice there. */
  | 'row-order'
  /** The root is missing, or is no root. */
  | 'root'
  /** Two inodes with one id. */
  | 'id-twice'
  /** An id above all that were given. */
  | 'id-never-given'
  /** An inode of which nothing says where it hangs. */
  | 'location-missing'
  /** An inode that hangs elsewhere than is said. */
  | 'location-wrong'
  /** A location of an inode that is not there. */
  | 'location-left'
  /** A directory that has more or fewer entries than it says. */
  | 'children'
  /** Entries of a file or a symbolic link. */
  | 'entries-of-no-directory'
  /** Entries of a directory that is neither in the tree nor in the trash: nobody reaches them. */
  | 'directory-missing'
  /** A directory that hangs below itself: nobody reaches it, and what is below. */
  | 'cycle'
  /** Of what was deleted and is not given back yet. */
  | 'trash'
  /** A row where scans begin, of nothing. */
  | 'start-row'
  /** Directories, files or links are counted wrongly in all. */
  | 'count'
  /** What the tree knows of itself is missing. */
  | 'state'
  /** Not all that was applied is there. */
  | 'commits';

export interface TreeProblem {
  readonly kind: TreeProblemKind;
  /** In words, without what the kind of state is. */
  readonly message: string;
  /** The inode, where it is about one. */
  readonly id?: number;
}

/** Problems that are kept; the others are counted. */
const MAX_KEPT = 100;

/** All that was found. */
export class TreeProblems {
  readonly kept: TreeProblem[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(kind: TreeProblemKind, message: string, id?: number): void {
    this.#count += 1;
    if (this.kept.length < MAX_KEPT) {
      this.kept.push({ kind, message, ...(id === undefined ? {} : { id }) });
    }
  }
}
