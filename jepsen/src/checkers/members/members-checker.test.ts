import { describe, expect, it } from 'vitest';
import { NEMESIS } from '../../histories/history-event.js';
import type { Json } from '../../histories/json.js';
import { type HandmadeCall, handmade } from '../handmade-history.test.support.js';
import { check } from '../simulated-history.test.support.js';
import { COMPARE_MEMBERS } from './member-calls.js';
import { membersChecker } from './members-checker.js';

const compare = (from: number, output?: Json): HandmadeCall => ({
  from,
  to: from + 10,
  process: NEMESIS,
  input: { kind: COMPARE_MEMBERS },
  ...(output === undefined ? {} : { output }),
});

const difference = 'n1 and n2 differ in /a';

describe('membersChecker', () => {
  it.each<[string, readonly HandmadeCall[], string, readonly string[]]>([
    ['members that agree', [compare(0, [])], 'valid', []],
    ['members that agree in the end', [compare(0, [difference]), compare(100, [])], 'valid', []],
    [
      'members that differ',
      [compare(0, [difference])],
      'invalid',
      ['Members differ at 0.010 s, after all was healed.', difference],
    ],
    [
      'members that could not be compared',
      [compare(0)],
      'unknown',
      ['Members could not be compared at 0.010 s: no answer'],
    ],
    [
      'no comparison',
      [{ from: 0, to: 10, input: { kind: COMPARE_MEMBERS }, output: [difference] }],
      'valid',
      [],
    ],
  ])('judges %s', async (_, calls, verdict, lines) => {
    const result = await check(membersChecker, handmade(calls));
    expect(result.verdict).toBe(verdict);
    expect(result.findings.flatMap((finding) => finding.lines)).toEqual(lines);
  });
});
