import { type Observation, observe } from './observation.js';
import type { Directive } from './script-file.js';

/** state: what members know and hold, and answers. messages: what they say. text: everything. */
export type Level = 'state' | 'messages' | 'text';

/** Something that is not as the script says. */
export interface Difference {
  readonly level: Level;
  /** What it is about, as `member 2 appended`. */
  readonly subject: string;
  readonly expected: readonly string[];
  readonly got: readonly string[];
}

/** Compares what a directive printed with what it should have. */
export function compare(directive: Directive, output: string): readonly Difference[] {
  const expected = observe(directive, directive.expected);
  const got = observe(directive, output);
  return [...compareState(expected, got), ...compareMessages(expected, got)];
}

/** Every character counts. */
export function compareText({ expected }: Directive, output: string): readonly Difference[] {
  return difference('text', 'output', expected.split('\n'), output.split('\n'));
}

function compareState(expected: Observation, got: Observation): readonly Difference[] {
  const differences = [...difference('state', 'answer', expected.answer, got.answer)];
  const members = new Set([...expected.members.keys(), ...got.members.keys()]);
  for (const member of [...members].sort()) {
    const should = expected.members.get(member);
    const did = got.members.get(member);
    const lists = [
      ['hard state', listOf(should?.hardState), listOf(did?.hardState)],
      ['appended', should?.appended ?? [], did?.appended ?? []],
      ['committed', should?.committed ?? [], did?.committed ?? []],
    ] as const;
    for (const [what, a, b] of lists) {
      differences.push(...difference('state', `member ${member} ${what}`, a, b));
    }
  }
  return differences;
}

function listOf(line: string | undefined): readonly string[] {
  return line === undefined ? [] : [line];
}

/** In any order; but each as often as it should. */
function compareMessages(expected: Observation, got: Observation): readonly Difference[] {
  const missing = without(expected.messages, got.messages);
  const surplus = without(got.messages, expected.messages);
  return difference('messages', 'messages', missing, surplus);
}

/** What is in `all` more often than in `taken`. */
function without(all: readonly string[], taken: readonly string[]): readonly string[] {
  const left = [...taken];
  return all.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function difference(
  level: Level,
  subject: string,
  expected: readonly string[],
  got: readonly string[],
): readonly Difference[] {
  const same = expected.length === got.length && expected.every((line, i) => line === got[i]);
  return same ? [] : [{ level, subject, expected, got }];
}
