import { type Command, parseCommandLine, ScriptError } from './directive.js';

/** One directive of a script, and what its output should be. */
export interface Directive extends Command {
  /** Where it stands in the file, from 1. */
  readonly line: number;
  /** The expected output: lines, each with its end; empty for none. */
  readonly expected: string;
  /** Lines of the file that hold the expected output and what encloses it: from, and up to but not. */
  readonly expectedLines: readonly [number, number];
}

const SEPARATOR = '----';

/**
 * Reads a script: directives, each with input lines, `----`, and the expected output up to a blank
 * line, or between two doubled `----` when it holds blank lines itself. `#` starts a comment line.
 */
export function parseScript(text: string): readonly Directive[] {
  const lines = linesOf(text);
  const directives: Directive[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = at;
    let head = (lines[at++] ?? '').trim();
    if (head.startsWith('#')) continue;
    while (head.endsWith('\\') && at < lines.length) {
      head = `${head.slice(0, -1)} ${(lines[at++] ?? '').trim()}`;
    }
    const command = parseCommandLine(head);
    if (command === undefined) continue;
    if (command.name === 'subtest') continue;
    const separator = lines.indexOf(SEPARATOR, at);
    if (separator < 0) throw new ScriptError(`no ${SEPARATOR} behind line ${line + 1}: ${head}`);
    const input = lines.slice(at, separator).join('\n').trim();
    const expected = readExpected(lines, separator + 1);
    directives.push({ ...command, input, line: line + 1, ...expected });
    at = expected.expectedLines[1];
  }
  return directives;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function readExpected(
  lines: readonly string[],
  start: number,
): Pick<Directive, 'expected' | 'expectedLines'> {
  const doubled = lines[start] === SEPARATOR;
  const from = doubled ? start + 1 : start;
  let end = from;
  while (end < lines.length && !endsAt(lines, end, doubled)) end++;
  const expected = lines.slice(from, end).map((line) => `${line}\n`);
  const closed = doubled && end < lines.length ? end + 2 : end;
  return { expected: expected.join(''), expectedLines: [start, closed] };
}

function endsAt(lines: readonly string[], at: number, doubled: boolean): boolean {
  if (doubled) return lines[at] === SEPARATOR && lines[at + 1] === SEPARATOR;
  return lines[at]?.trim() === '';
}

/** The script with other expected outputs: one for each directive, in their order. */
export function withOutputs(text: string, outputs: readonly string[]): string {
  const lines = linesOf(text);
  const rewritten: string[] = [];
  let at = 0;
  parseScript(text).forEach(({ expected, expectedLines: [from, to] }, i) => {
    rewritten.push(...lines.slice(at, from));
    const output = linesOf(outputs[i] ?? expected);
    const hasBlank = output.some((line) => line.trim() === '');
    if (hasBlank) rewritten.push(SEPARATOR, ...output, SEPARATOR, SEPARATOR);
    else rewritten.push(...output);
    at = to;
  });
  rewritten.push(...lines.slice(at));
  return rewritten.map((line) => `${line}\n`).join('');
}
