import { entryBytes } from '../../core/log/entry.js';
import type { LogOutline } from '../log-outline.js';
import type { LogWrite } from '../log-store.js';
import type { LogTail, TailChange } from '../log-tail.js';
import type { ScannedLog } from './scan.js';

/** Of entries that opening reads, about, because no outline tells of them yet. */
export const OUTLINE_EVERY_BYTES: number = 16 * 1024 * 1024;

/** Says with which writes the log's outline is to be written anew. */
export class Outlining {
  readonly #everyBytes: number;
  /** The one on the disk tells of entries up to here. */
  #outlinedTo: number;
  /** Of entries behind it. */
  #bytes: number;

  constructor(everyBytes: number, { state, readFrom }: ScannedLog) {
    this.#everyBytes = everyBytes;
    this.#outlinedTo = readFrom - 1;
    const behind = state.sizes.filter(({ index }) => index >= readFrom);
    this.#bytes = behind.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The outline to be written together with `write`, which `tail` has accepted. */
  after(write: LogWrite, change: TailChange, tail: LogTail): LogOutline | undefined {
    for (const entry of write.entries) this.#bytes += entryBytes(entry);
    const isReplaced = change.replacedFrom > 0 && change.replacedFrom <= this.#outlinedTo;
    if (!isReplaced && this.#bytes < this.#everyBytes) return undefined;
    this.#bytes = 0;
    this.#outlinedTo = tail.lastIndex;
    return tail.outline;
  }
}
