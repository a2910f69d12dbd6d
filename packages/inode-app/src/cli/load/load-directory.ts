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

  constructor(
    /** Its path in the tree. */
    readonly path: ByteString,
    readonly attributes: NewAttributes,
    readonly parent: LoadDirectory | undefined,
  ) {}

  /** Making entries changes a directory's time, so its attributes are set behind them. */
  get complete(): boolean {
    return this.left && this.unacknowledged === 0 && this.made.state === 'met';
  }
}
