import type { NewAttributes } from '../../namespace/tree/attributes.js';
import type { ByteString } from '../../namespace/tree/byte-string.js';
import { Prerequisite } from './ordered-commands.js';

/** A directory that is being loaded: from its first entry until its attributes are final. */
export class LoadDirectory {
  /** Met once the directory is in the tree. */
  readonly made = new Prerequisite();
  /** Entries directly in it that are not acknowledged yet. */
  unacknowledged = 0;
  /** Whether all its entries were read. */
  left = false;
  /** Whether entries came or went, which changes its time: its attributes are set behind them. */
  touched = false;

  constructor(
    /** Its path below the top. */
    readonly path: ByteString,
    readonly attributes: NewAttributes,
    /** Whether all names in it are known: what is not among them is not here any more. */
    readonly namesKnown: boolean,
    /** Whether the tree has it already, and if so whether with other attributes. */
    readonly there: 'equal' | 'different' | undefined,
  ) {
    if (there !== undefined) this.made.state = 'met';
  }

  get complete(): boolean {
    return this.left && this.unacknowledged === 0 && this.made.state === 'met';
  }
}
