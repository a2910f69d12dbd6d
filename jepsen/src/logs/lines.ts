import { JepsenError } from '../errors.js';

/**
 * Hands each line to `read`, without its end.
 *
 * @throws JepsenError LOG_INVALID with the number of the line where `read` throws one, or gives
 *   false because it is not of its format
 */
export function readLines(text: string, read: (line: string) => boolean): void {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    let problem = `not of this format: ${line.slice(0, 120)}`;
    try {
      if (read(line)) continue;
    } catch (error) {
      if (!(error instanceof JepsenError)) throw error;
      problem = error.message;
    }
    throw new JepsenError('LOG_INVALID', `line ${index + 1}: ${problem}`);
  }
}
