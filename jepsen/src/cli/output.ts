import type { Writable } from 'node:stream';

/** Characters gathered before they are written, so that a line does not cost a system call. */
const GATHERED_CHARACTERS = 64 * 1024;

/** Writes lines to a stream as fast as its reader takes them. Ends early where nobody reads any more. */
export async function writeLines(stream: Writable, lines: Iterable<string>): Promise<void> {
  let gathered = '';
  for (const line of lines) {
    gathered += `${line}\n`;
    if (gathered.length < GATHERED_CHARACTERS) continue;
    if (!(await written(stream, gathered))) return;
    gathered = '';
  }
  if (gathered !== '') await written(stream, gathered);
}

/** False: nobody reads it. */
function written(stream: Writable, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    stream.write(text, (error) => resolve(error === undefined || error === null));
  });
}
