/** `key`, `key=value` or `key=(value, value)`. Without `=` there are no values. */
export interface Argument {
  readonly key: string;
  readonly values: readonly string[];
}

/** What to do: the first line of a directive and the lines below it, up to `----`. */
export interface Command {
  readonly name: string;
  readonly arguments: readonly Argument[];
  /** The lines between the first one and `----`, trimmed; empty for none. */
  readonly input: string;
}

/** The script asks for something that can't be done: it is wrong, not what is tested. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** A name and arguments; undefined for a line without any. */
export function parseCommandLine(line: string): Omit<Command, 'input'> | undefined {
  let rest = line.trim();
  if (rest === '') return undefined;
  const take = (end: RegExp): string => {
    const at = rest.search(end);
    const taken = at < 0 ? rest : rest.slice(0, at);
    rest = rest.slice(taken.length);
    return taken;
  };
  const name = take(/ /);
  const found: Argument[] = [];
  for (rest = rest.trim(); rest !== ''; rest = rest.trim()) {
    const key = take(/[ =]/);
    if (key === '') throw new ScriptError(`an argument without a name: ${line.trim()}`);
    if (!rest.startsWith('=')) {
      found.push({ key, values: [] });
      continue;
    }
    rest = rest.slice(1);
    if (!rest.startsWith('(')) {
      found.push({ key, values: [take(/ /)] });
      continue;
    }
    const list = parseList(rest);
    if (list === undefined) throw new ScriptError(`a list that does not end: ${line.trim()}`);
    found.push({ key, values: list.values });
    rest = rest.slice(list.length);
  }
  return { name, arguments: found };
}

/** `(a, b(c, d))` at the start of `text`: its values and its length; parentheses nest. */
function parseList(text: string): { values: readonly string[]; length: number } | undefined {
  const values: string[] = [];
  let depth = 0;
  let start = 1;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (depth === 0 || (depth === 1 && character === ',')) {
      values.push(text.slice(start, i).trim());
      start = i + 1;
    }
    if (depth === 0) return { values, length: i + 1 };
  }
  return undefined;
}
