/** Whether a character of a name is one that the pattern has at this place. */
export type CharacterTest = (character: string) => boolean;

/** By name in `[:name:]`, as Unicode's technical standard 18, annex C, has them. */
const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ['alnum', /[\p{Alphabetic}\p{Nd}]/u],
  ['alpha', /\p{Alphabetic}/u],
  ['blank', /[\p{Zs}\t]/u],
  ['cntrl', /\p{Cc}/u],
  ['digit', /[0-9]/],
  ['graph', /[^\p{White_Space}\p{Cc}\p{Cs}\p{Cn}]/u],
  ['lower', /\p{Lowercase}/u],
  ['print', /[^\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/u],
  ['punct', /[\p{P}\p{S}]/u],
  ['space', /\p{White_Space}/u],
  ['upper', /\p{Uppercase}/u],
  ['xdigit', /[0-9A-Fa-f]/],
]);

/** One character that a set names, and where what names it ends. */
interface Element {
  readonly character: string;
  readonly next: number;
}

/**
 * The bracket expression (POSIX, XBD 9.3.5) that begins at `start`, and where its `]` stands.
 * Ranges are of code points. Undefined for one that has no end or means nothing.
 */
export function parseBracket(
  pattern: readonly string[],
  start: number,
): { readonly test: CharacterTest; readonly end: number } | undefined {
  const negated = pattern[start + 1] === '!' || pattern[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  const tests: CharacterTest[] = [];
  for (let at = first; at < pattern.length; ) {
    // Right at the beginning a `]` is a member.
    if (pattern[at] === ']' && at > first) {
      return { test: (character) => tests.some((test) => test(character)) !== negated, end: at };
    }
    const member = parseClass(pattern, at) ?? parseRange(pattern, at);
    if (member === undefined) return undefined;
    tests.push(member.test);
    at = member.next;
  }
  return undefined;
}

interface Member {
  readonly test: CharacterTest;
  readonly next: number;
}

/** `[:name:]`; undefined for anything else. */
function parseClass(pattern: readonly string[], at: number): Member | undefined {
  const named = parseNamed(pattern, at, ':');
  const expression = named && CLASSES.get(named.name);
  if (named === undefined || expression === undefined) return undefined;
  return { test: (character) => expression.test(character), next: named.next };
}

/** One character, or those from one to another. */
function parseRange(pattern: readonly string[], at: number): Member | undefined {
  const from = parseElement(pattern, at);
  if (from === undefined) return undefined;
  const isRange = pattern[from.next] === '-' && pattern[from.next + 1] !== ']';
  const to = isRange ? parseElement(pattern, from.next + 1) : from;
  if (to === undefined) return undefined;
  const least = codePoint(from.character);
  const most = codePoint(to.character);
  if (least > most) return undefined;
  return {
    test: (character) => codePoint(character) >= least && codePoint(character) <= most,
    next: to.next,
  };
}

/** A character as it is, behind a backslash, or as `[.x.]` or `[=x=]`. */
function parseElement(pattern: readonly string[], at: number): Element | undefined {
  const named = parseNamed(pattern, at, '.') ?? parseNamed(pattern, at, '=');
  if (named !== undefined) {
    return [...named.name].length === 1 ? { character: named.name, next: named.next } : undefined;
  }
  // The name of a class that does not exist, or a class as the end of a range.
  if (parseNamed(pattern, at, ':') !== undefined) return undefined;
  const position = pattern[at] === '\\' ? at + 1 : at;
  const character = pattern[position];
  return character === undefined ? undefined : { character, next: position + 1 };
}

/** What stands between `[` with a mark and the same mark with `]`. */
function parseNamed(
  pattern: readonly string[],
  at: number,
  mark: string,
): { readonly name: string; readonly next: number } | undefined {
  if (pattern[at] !== '[' || pattern[at + 1] !== mark) return undefined;
  for (let end = at + 2; end + 1 < pattern.length; end += 1) {
    if (pattern[end] === mark && pattern[end + 1] === ']' && end > at + 2) {
      return { name: pattern.slice(at + 2, end).join(''), next: end + 2 };
    }
  }
  return undefined;
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
