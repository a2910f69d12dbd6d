import { createReadStream } from 'node:fs';
import { JepsenError } from '../../errors.js';
import type { History } from '../history.js';
import { HistoryLines, MAX_LINE_CHARACTERS } from '../history-lines.js';

export interface ReadHistory {
  readonly history: History;
  /** The last line, which whoever wrote it was ended in the middle of: it is left out. */
  readonly tornLine: string | undefined;
}

/**
 * Reads the file of a history and checks all of it.
 *
 * @throws JepsenError LOG_INVALID with the number of the line, STORE_FAILED where it can't be read
 */
export async function readHistory(file: string, signal?: AbortSignal): Promise<ReadHistory> {
  const lines = new HistoryLines();
  const stream = createReadStream(file, { encoding: 'utf8', signal });
  let rest = '';
  try {
    for await (const chunk of stream) {
      const parts = `${rest}${chunk}`.split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) lines.add(line);
      if (rest.length > MAX_LINE_CHARACTERS) throw tooLong(file);
    }
  } catch (error) {
    if (error instanceof JepsenError || signal?.aborted === true) throw error;
    throw new JepsenError('STORE_FAILED', `${file} can't be read: ${reasonOf(error)}`);
  }
  // A whole last line ends with a line feed; one that somebody edited may lack it.
  const tornLine = rest === '' || isWhole(rest) ? undefined : rest;
  if (rest !== '' && tornLine === undefined) lines.add(rest);
  return { history: lines.history(), tornLine };
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function tooLong(file: string): JepsenError {
  return new JepsenError(
    'LOG_INVALID',
    `a line of ${file} has more than ${MAX_LINE_CHARACTERS} characters: it is no history`,
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
