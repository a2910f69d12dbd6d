import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { choose } from './choice.js';
import { type Mutant, parseMutant, readMutants } from './mutant.js';
import { parseOptions } from './options.js';
import { addToRecord, readRecord } from './record.js';
import { noticeTable } from './report.js';
import { SCENARIOS } from './scenarios.js';
import { applyPatch } from './tree.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const mutants = readMutants(ROOT);
const PATCH = 'Scenario: 4\nNoticed-by: simulation\n\nWhat it does.\n\ndiff --git a/a b/a\n';

function names(chosen: readonly Mutant[]): string {
  return chosen.map(({ name }) => name).join();
}

describe('mutants', () => {
  it('has one for each scenario, or the reason why there can be none', () => {
    for (const { number, absentBecause } of SCENARIOS) {
      const own = mutants.filter(({ scenario }) => scenario === number);
      expect(own.length > 0, `scenario ${number}`).toBe(absentBecause === undefined);
    }
    const numbers = SCENARIOS.map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  it.each(mutants)('$name applies to the code as it is', ({ patch }) => {
    expect(applyPatch(ROOT, patch, '--check')).toBeUndefined();
  });

  it('a patch that does not apply says so', () => {
    const [first] = mutants;
    expect(applyPatch(ROOT, first?.patch ?? '', '--check', '--reverse')).toContain('patch failed');
  });

  it('reads the scenario and what notices it from the head of a patch', () => {
    expect(parseMutant('04-vote.patch', PATCH)).toEqual({
      name: '04-vote',
      scenario: 4,
      noticer: { kind: 'simulation' },
      patch: 'test/mutants/patches/04-vote.patch',
    });
    const unit = PATCH.replace(
      'simulation',
      'unit packages/raft/src/core/election/election.test.ts',
    );
    expect(parseMutant('04-vote.patch', unit).noticer).toEqual({
      kind: 'unit',
      file: 'packages/raft/src/core/election/election.test.ts',
    });
  });

  it.each([
    ['5-vote.patch', PATCH, 'does not begin with its scenario'],
    ['04-vote.patch', PATCH.replace('Scenario: 4', 'Scenario: 999'), 'no scenario 999'],
    ['04-vote.patch', PATCH.replace('simulation', 'luck'), 'not "luck"'],
    ['04-vote.patch', PATCH.replace('simulation', 'unit election.ts'), 'FILE.test.ts'],
    ['04-vote.patch', PATCH.replace('Noticed-by', 'Seen-by'), 'no line "Noticed-by: ..."'],
    // The patch itself is no place for it.
    ['04-vote.patch', `diff --git a/a b/a\n${PATCH}`, 'no line "Scenario: ..."'],
  ])('%s is refused: %#', (file, text, message) => {
    expect(() => parseMutant(file, text)).toThrow(message);
  });

  it('chooses by scenario, by name, and as many as asked for, by the seed', () => {
    const [first] = mutants;
    if (first === undefined) throw new Error('there are no mutants');
    const all = { only: [], sample: undefined, seed: 1 };
    expect(choose(mutants, all)).toEqual(mutants);
    expect(choose(mutants, { ...all, only: [first.name] })).toEqual([first]);
    const ofScenario = choose(mutants, { ...all, only: [`${first.scenario}`] });
    expect(ofScenario).toContain(first);
    expect(ofScenario.every(({ scenario }) => scenario === first.scenario)).toBe(true);
    expect(() => choose(mutants, { ...all, only: ['1000'] })).toThrow('"1000"');
    const sample = choose(mutants, { ...all, sample: 3 });
    expect(new Set(sample).size).toBe(3);
    expect(choose(mutants, { ...all, sample: 3 })).toEqual(sample);
    const others = [2, 3, 4, 5].map((seed) => choose(mutants, { ...all, sample: 3, seed }));
    expect(others.some((other) => names(other) !== names(sample))).toBe(true);
  });

  it('keeps what became of each in a record, and makes a table of it', () => {
    const directory = mkdtempSync(join(tmpdir(), 'mutants-'));
    const record = join(directory, 'record');
    const [first, second] = mutants;
    if (first === undefined || second === undefined) throw new Error('there are no mutants');
    const again = { kind: 'unit', name: 'none', run: async () => undefined } as const;
    const notice = (kind: 'unit' | 'simulation') => ({ kind, by: 'x', after: 'y', again });
    try {
      expect(readRecord(record)).toEqual([]);
      const notices = [notice('unit'), notice('simulation')];
      addToRecord(record, { mutant: first, notices, seconds: 1 });
      addToRecord(record, { mutant: second, notices: [], seconds: 1 });
      const trials = readRecord(record);
      expect(trials.map(({ mutant }) => mutant)).toEqual([first.name, second.name]);
      const table = noticeTable(SCENARIOS, trials);
      expect(table).toContain(`| ${first.scenario} | `);
      expect(table).toMatch(/\| 1 \| 1 \| {2}\| 1 \|/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('takes no nonsense for an option', () => {
    expect(() => parseOptions(['--jobs', '0'])).toThrow('--jobs takes a whole number from 1');
    expect(() => parseOptions(['--sample', '1.5'])).toThrow('--sample');
    expect(() => parseOptions(['--seed', ''])).toThrow('--seed');
    expect(() => parseOptions(['--nothing'])).toThrow('--nothing');
    expect(() => parseOptions(['--table'])).toThrow('--record');
    expect(parseOptions(['--seed', '7']).seed).toBe(7);
  });
});
