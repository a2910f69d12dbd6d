import type { Difference } from './comparison.js';
import type { ScriptFile } from './find-scripts.js';
import type { DirectiveResult, ScriptResult } from './run-script.js';

/** Differences of a file, and lines of each side, that are shown. */
const MAX_DIFFERENCES = 3;
const MAX_LINES = 6;

/** How a script did: the gate, and the messages too. */
export interface Verdict {
  readonly state: boolean;
  readonly messages: boolean;
}

export function verdictOf({ directives, error }: ScriptResult): Verdict {
  const levels = directives.flatMap(({ differences }) => differences.map(({ level }) => level));
  const state = error === undefined && levels.every((level) => level === 'messages');
  return { state, messages: state && levels.length === 0 };
}

/** A line about the file, and below it what is not as it should be, shortened. */
export function describeResult({ path }: ScriptFile, result: ScriptResult): string {
  const verdict = verdictOf(result);
  const word = verdict.messages ? 'ok      ' : verdict.state ? 'messages' : 'FAILED  ';
  const lines = [`${word}  ${path}`];
  if (result.error !== undefined) lines.push(`    ${result.error}`);
  const found = result.directives.flatMap((one) =>
    one.differences.map((difference) => describeDifference(one, difference)),
  );
  lines.push(...found.slice(0, MAX_DIFFERENCES).flat());
  if (found.length > MAX_DIFFERENCES) lines.push(`    ... ${found.length - MAX_DIFFERENCES} more`);
  return lines.join('\n');
}

function describeDifference(
  { directive }: DirectiveResult,
  { level, subject, expected, got }: Difference,
): readonly string[] {
  return [
    `    line ${directive.line}, ${directive.name}: ${subject} (${level})`,
    ...shortened('expected', expected),
    ...shortened('got     ', got),
  ];
}

function shortened(word: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [`      ${word}  nothing`];
  const shown = lines.slice(0, MAX_LINES).map((line) => `      ${word}  ${line}`);
  const left = lines.length - MAX_LINES;
  return left > 0 ? [...shown, `      ${word}  ... ${left} lines more`] : shown;
}

/** What rewriting would change, directive by directive; empty for nothing. */
export function describeRewrite({ path }: ScriptFile, { directives }: ScriptResult): string {
  return directives
    .filter(({ directive, output }) => directive.expected !== output)
    .map(({ directive, output }) => {
      const [removed, added] = changedLines(directive.expected, output);
      const lines = [...removed.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)];
      return [`${path}:${directive.line} ${directive.name}`, ...lines, ''].join('\n');
    })
    .join('\n');
}

/** The lines of both texts without those that both begin and end with. */
function changedLines(before: string, after: string): [readonly string[], readonly string[]] {
  const a = before.split('\n');
  const b = after.split('\n');
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

/** One object a file, for programs. */
export function resultAsJson({ path }: ScriptFile, result: ScriptResult): string {
  const differences = result.directives.flatMap(({ directive, differences }) =>
    differences.map((difference) => ({ line: directive.line, ...difference })),
  );
  const { error } = result;
  return JSON.stringify({ file: path, ...verdictOf(result), error, differences });
}
