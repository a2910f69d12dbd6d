import { type ByteString, textFromByteString } from '../namespace/tree/byte-string.js';
import { type CharacterTest, parseBracket } from './glob-bracket.js';

/** What a pattern consists of: `*`, and places for one character. */
export type GlobToken = '*' | CharacterTest;

/**
 * A shell's pattern for one name (POSIX, XCU 2.13.1): `*` any characters, `?` one character, `[a-z]`
 * one of a set, `\` takes the next one as it is. Characters are code points; a byte that is no UTF-8
 * is one. Returns undefined for a pattern without its end: an open `[`, a `\` at its end, a range
 * that runs backwards, a class that does not exist.
 */
export function globMatcher(pattern: ByteString): ((name: ByteString) => boolean) | undefined {
  const tokens = parseGlob([...textFromByteString(pattern)]);
  if (tokens === undefined) return undefined;
  return (name) => matchGlob(tokens, [...textFromByteString(name)]);
}

function parseGlob(characters: readonly string[]): readonly GlobToken[] | undefined {
  const tokens: GlobToken[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    let character = characters[at];
    if (character === '*') tokens.push('*');
    else if (character === '?') tokens.push(() => true);
    else if (character === '[') {
      const bracket = parseBracket(characters, at);
      if (bracket === undefined) return undefined;
      tokens.push(bracket.test);
      at = bracket.end;
    } else {
      if (character === '\\') {
        at += 1;
        character = characters[at];
        if (character === undefined) return undefined;
      }
      const own = character;
      tokens.push((other) => other === own);
    }
  }
  return tokens;
}

/**
 * Whether the whole name has the pattern's form. What fails behind a `*` is tried again one
 * character later, behind the last `*` alone: an earlier one could only take what this one takes
 * too. So there are at most as many steps as characters times tokens.
 */
export function matchGlob(tokens: readonly GlobToken[], name: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let afterStar = -1;
  let starEnd = 0;
  while (at < name.length) {
    const test = tokens[token];
    if (test === '*') {
      token += 1;
      afterStar = token;
      starEnd = at;
    } else if (test?.(name[at] ?? '') === true) {
      token += 1;
      at += 1;
    } else {
      if (afterStar < 0) return false;
      starEnd += 1;
      at = starEnd;
      token = afterStar;
    }
  }
  return tokens.slice(token).every((rest) => rest === '*');
}
