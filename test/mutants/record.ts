import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Noticer } from './mutant.js';
import type { Trial } from './trial.js';

/** A line of a record: what became of one mutant. */
export interface RecordedTrial {
  readonly mutant: string;
  readonly scenario: number;
  readonly noticed: readonly {
    readonly kind: Noticer['kind'];
    readonly by: string;
    readonly after: string;
  }[];
}

/** What the record in `file` says; nothing where there is none yet. */
export function readRecord(file: string): readonly RecordedTrial[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): RecordedTrial => JSON.parse(line));
}

/** One line. */
export function trialJson({ mutant, notices, seconds }: Trial): string {
  return JSON.stringify({
    mutant: mutant.name,
    scenario: mutant.scenario,
    noticed: notices.map(({ kind, by, after }) => ({ kind, by, after })),
    seconds: Math.round(seconds * 10) / 10,
  });
}

export function addToRecord(file: string, trial: Trial): void {
  appendFileSync(file, `${trialJson(trial)}\n`);
}
