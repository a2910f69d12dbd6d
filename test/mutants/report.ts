import type { Mutant } from './mutant.js';
import type { RecordedTrial } from './record.js';
import type { Scenario } from './scenarios.js';
import type { Trial } from './trial.js';

const NAME_WIDTH = 40;

/** A line for the scenario, above the first of its mutants. */
export function scenarioRow({ number, title }: Scenario): string {
  return `${String(number).padStart(2)}  ${title}`;
}

/** One line a check that noticed the mutant. */
export function trialRow({ mutant, notices }: Trial): string {
  const name = `    ${mutant.name.slice(3).padEnd(NAME_WIDTH)}`;
  if (notices.length === 0) return `${name} NOT NOTICED`;
  return notices
    .map(
      ({ kind, by, after }, i) =>
        `${i === 0 ? name : name.replace(/./g, ' ')} ${kind}: ${by}, ${after}`,
    )
    .join('\n');
}

/** A hint that is wrong costs time only, but is worth to be put right. */
export function outdatedHints(trials: readonly Trial[]): readonly string[] {
  return trials.flatMap(({ mutant: { name, noticer }, notices: [first] }) => {
    if (first === undefined) return [];
    const right =
      noticer.kind === first.kind && (noticer.kind !== 'unit' || noticer.file === first.by);
    return right ? [] : [`${name}: not noticed by what its patch names, but by ${first.by}`];
  });
}

/** The scenarios that have no mutant, with the reason. */
export function absentRows(scenarios: readonly Scenario[]): readonly string[] {
  return scenarios.flatMap(({ number, title, absentBecause }) =>
    absentBecause === undefined ? [] : [`${number}  ${title}:\n    ${absentBecause}`],
  );
}

/** All scenarios, each with its mutants or why it has none. */
export function listing(scenarios: readonly Scenario[], mutants: readonly Mutant[]): string {
  return scenarios
    .map(({ number, title, source, absentBecause }) => {
      const own = mutants.filter(({ scenario }) => scenario === number).map(({ name }) => name);
      const below = own.length > 0 ? own.join(', ') : `no mutant: ${absentBecause}`;
      return `${String(number).padStart(2)}  ${title} (${source})\n    ${below}`;
    })
    .join('\n');
}

const KINDS = ['unit', 'scripts', 'simulation'] as const;

/** Scenario by kind of check: of how many of its mutants each kind took notice. For Markdown. */
export function noticeTable(
  scenarios: readonly Scenario[],
  trials: readonly RecordedTrial[],
): string {
  const rows = scenarios.flatMap(({ number, title }) => {
    const own = trials.filter(({ scenario }) => scenario === number);
    if (own.length === 0) return [];
    const cells = KINDS.map((kind) => {
      const count = own.filter(({ noticed }) => noticed.some((one) => one.kind === kind)).length;
      return count === 0 ? '' : `${count}`;
    });
    return [`| ${[number, title, own.length, ...cells].join(' | ')} |`];
  });
  const head = [
    '| | scenario | mutants | unit | scripts | simulation |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  return `${[...head, ...rows].join('\n')}\n`;
}
