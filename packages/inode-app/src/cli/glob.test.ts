import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteString, byteStringFromText, NO_BYTES } from '../namespace/tree/byte-string.js';
import { type GlobToken, globMatcher, matchGlob } from './glob.js';

function matches(pattern: string, name: string): boolean | undefined {
  return globMatcher(byteString(pattern))?.(byteString(name));
}

/** The same with text in place of bytes. */
function textMatches(pattern: string, name: string): boolean | undefined {
  const bytes = (text: string) => byteStringFromText(text) ?? NO_BYTES;
  return globMatcher(bytes(pattern))?.(bytes(name));
}

describe('globMatcher', () => {
  it.each([
    ['*.ts', 'a.ts', true],
    ['*.ts', 'a.tsx', false],
    ['*', '', true],
    ['*', 'a\nb', true],
    ['a**b', 'ab', true],
    ['', '', true],
    ['', 'a', false],
    ['a', '', false],
    ['?', 'x', true],
    ['?', '\xc3\xa9', true],
    ['?', '\xff', true],
    ['??', '\xc3\xa9', false],
    ['??', '\xff\xc3\xa9', true],
    ['?', 'xy', false],
    ['[!a]', '\xff', true],
    ['[\xff]', '\xff', true],
    ['[\xff]', '\xfe', false],
    ['\xff*', '\xffx', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]]', ']', true],
    ['[!]]', ']', false],
    ['[]-a]', '^', true],
    ['[a-]', '-', true],
    ['[-a]', '-', true],
    ['[a\\]b]c', ']c', true],
    ['[\\a]', '\\', false],
    ['[[]', '[', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a.b', 'axb', false],
    ['(a|b)', '(a|b)', true],
    ['{a}+$', '{a}+$', true],
    ['.*', '.hidden', true],
    ['*', '.hidden', true],
  ])('%s on %s: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  it.each([
    ['[äö]l', 'öl', true],
    ['[äö]l', 'ol', false],
    ['[!ä]*', 'é', true],
    ['[!ä]*', 'ä', false],
    ['[!ä]*', 'ärger', false],
    ['[а-я]*', 'файл', true],
    ['[α-ω]', 'λ', true],
    ['?', '🎉', true],
    ['[🎈-🎊]', '🎉', true],
    ['[[:alpha:]]*', 'ärger', true],
    ['[[:alpha:]]', '1', false],
    ['[![:alpha:]]', '1', true],
    ['[[:digit:][:upper:]_]', 'Ä', true],
    ['[[:digit:][:upper:]_]', 'ä', false],
    ['[[:digit:][:upper:]_]', '_', true],
    ['[[:space:]]', '\u3000', true],
    ['[[:blank:]]', '\t', true],
    ['[[:punct:]]', '、', true],
    ['[[:punct:]]', '+', true],
    ['[[:xdigit:]]', 'F', true],
    ['[[:cntrl:]]', '\x1b', true],
    ['[[:print:]]', ' ', true],
    ['[[:graph:]]', ' ', false],
    ['[[:alnum:]]', '٣', true],
    ['[[:lower:]]', 'ß', true],
    ['[[.a.]]', 'a', true],
    ['[[=é=]x]', 'é', true],
    ['[[.a.]-c]', 'b', true],
    ['[[:alpha:]-z]', '-', true],
  ])('%s on %s: %s', (pattern, name, expected) => {
    expect(textMatches(pattern, name)).toBe(expected);
  });

  it('refuses what has no end or means nothing', () => {
    for (const pattern of [
      '[abc',
      '[]',
      '[!]',
      'a\\',
      '[a\\',
      '[z-a]',
      '[[:none:]]',
      '[[:alpha:]',
      '[a-[:digit:]]',
      '[[.ab.]]',
    ]) {
      expect(matches(pattern, 'a'), pattern).toBeUndefined();
    }
  });

  it('takes the sides of bash where there is one', () => {
    const piece = fc.constantFrom(
      ...['*', '?', 'a', 'b', 'é', 'ö', '-', '.', '\\*', '\\[', '[ab]', '[!ab]', '[^é]', '[a-c]'],
      ...['[é-ö]', '[]a]', '[!]a]', '[a\\]b]', '[[:alpha:]]', '[![:alpha:]-]', '[[:digit:]é]'],
      ...['[a-]', '[-ö]', '[[.-.]a]', '[*]', '[?]', '[[:upper:][:lower:]]'],
    );
    const pattern = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    const letter = fc.constantFrom('a', 'b', 'c', 'é', 'ö', '-', '.', '*', '[', ']', '7', 'Ä', '!');
    const name = fc.array(letter, { maxLength: 7 }).map((letters) => letters.join(''));
    const pairs = fc.sample(fc.tuple(pattern, name), 3000);
    const verdicts = bashVerdicts([['?', 'é'], ['[[:alpha:]]', 'é'], ...pairs]);
    if (verdicts === undefined || !verdicts.startsWith('11')) {
      console.log('glob: no bash here that knows UTF-8; compared with the tables alone');
      return;
    }
    const ours = pairs.map((pair) => (textMatches(...pair) === true ? '1' : '0')).join('');
    const differing = pairs.filter((_, at) => ours[at] !== verdicts[at + 2]);
    expect(differing).toEqual([]);
    expect(ours).toContain('1');
  });
});

/** '1' for each pattern that takes its name, '0' for each that does not; undefined without bash. */
function bashVerdicts(pairs: readonly (readonly [string, string])[]): string | undefined {
  const script =
    "while IFS= read -r -d '' p && IFS= read -r -d '' n; do " +
    '[[ $n == $p ]]; printf %d $((1 - $?)); done';
  const { status, stdout } = spawnSync('bash', ['-c', script], {
    input: pairs.map((pair) => `${pair.join('\0')}\0`).join(''),
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8' },
    encoding: 'utf8',
  });
  return status === 0 ? stdout : status === 1 && stdout !== '' ? stdout : undefined;
}

describe('matchGlob', () => {
  it('takes no more steps than characters times tokens, and says what the definition says', () => {
    const token = fc.constantFrom('*', '?', 'a', 'b');
    const pattern = fc.array(token, { maxLength: 12 });
    const name = fc.array(fc.constantFrom('a', 'b'), { maxLength: 24 });
    fc.assert(
      fc.property(pattern, name, (tokens, characters) => {
        const { verdict, steps } = counted(tokens, characters);
        expect(verdict).toBe(byDefinition(tokens, characters));
        expect(steps).toBeLessThanOrEqual(characters.length * (tokens.length + 1));
      }),
      { numRuns: 500 },
    );
  });

  it('does not try all ways to share a name among many stars', () => {
    const name = Array.from({ length: 255 }, () => 'a');
    const { verdict, steps } = counted([...'*a*a*a*a*b'], name);
    expect(verdict).toBe(false);
    expect(steps).toBeLessThanOrEqual(255 * 11);
  });
});

function counted(pattern: readonly string[], name: readonly string[]) {
  let steps = 0;
  const tokens = pattern.map<GlobToken>((token) => {
    if (token === '*') return '*';
    return (character) => {
      steps += 1;
      return token === '?' || token === character;
    };
  });
  return { verdict: matchGlob(tokens, name), steps };
}

/** A `*` is nothing, or one character and a `*` again. */
function byDefinition(pattern: readonly string[], name: readonly string[]): boolean {
  const ends = (rest: readonly string[], from: ReadonlySet<number>): ReadonlySet<number> => {
    const [token, ...others] = rest;
    if (token === undefined) return from;
    const least = Math.min(...from);
    const next =
      token === '*'
        ? name.map((_, at) => at + 1).filter((at) => at > least)
        : [...from].filter((at) => token === '?' || name[at] === token).map((at) => at + 1);
    const reached = token === '*' ? [least, ...next] : next.filter((at) => at <= name.length);
    return reached.length === 0 ? new Set() : ends(others, new Set(reached));
  };
  return ends(pattern, new Set([0])).has(name.length);
}
