import type { Writable } from 'node:stream';
import { JepsenError } from '../errors.js';

/** Characters gathered before they are written, so that a line does not cost a system call. */
const GATHERED_CHARACTERS = 64 * 1024;

/**
 * Writes lines to a stream as fast as its reader takes them. Ends early where nobody reads any more.
 *
 * @throws JepsenError STORE_FAILED where they can't be written, such as to a full disk
 */
export async function writeLines(stream: Writable, lines: Iterable<string>): Promise<void> {
  let gathered = '';
  for (const line of lines) {
    gathered += `${line}\n`;
    if (gathered.length < GATHERED_CHARACTERS) continue;
    if (!(await isTaken(stream, gathered))) return;
    gathered = '';
  }
  if (gathered !== '') await isTaken(stream, gathered);
}

/** Text that may hold anything, without what a terminal would take for commands. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '\u{fffd}');
}

/** False: nobody reads it. */
function isTaken(stream: Writable, text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === undefined || error === null) resolve(true);
      else if ('code' in error && error.code === 'EPIPE') resolve(false);
      else reject(new JepsenError('STORE_FAILED', `it can't be written: ${error.message}`));
    });
  });
}
