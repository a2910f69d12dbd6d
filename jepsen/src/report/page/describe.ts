import { NONE, OUTCOMES, type ReportData } from './report-data.js';
import { durationText } from './time-scale.js';

/** What was called, and what came of it: for where there is little room. */
export function describeShort(data: ReportData, operation: number): string {
  const { answer, input } = data.operations;
  const called = `${kindOf(data, operation)} ${textOf(data, input[operation])}`.trim();
  const answered = textOf(data, answer[operation]);
  return answered === '' ? called : `${called} → ${answered}`;
}

/** A property of an operation, in words. */
export type Fact = readonly [name: string, value: string];

export function factsOf(data: ReportData, operation: number): readonly Fact[] {
  const { answer, call, input, member, process, tookUs, invokedUs, outcome } = data.operations;
  const sumTo = (column: readonly number[]) =>
    column.slice(0, operation + 1).reduce((sum, difference) => sum + difference, 0);
  const from = sumTo(invokedUs);
  const took = tookUs[operation] ?? NONE;
  const asked = member[operation] ?? NONE;
  return [
    ['Call', `${sumTo(call)} in the history`],
    ['Process', data.processes[process[operation] ?? 0] ?? ''],
    ['Called', `${kindOf(data, operation)} ${textOf(data, input[operation])}`.trim()],
    [outcomeText(outcome[operation] ?? 0), textOf(data, answer[operation])],
    ['When', whenText(from, took)],
    ...(asked === NONE
      ? []
      : [['Member', data.members.find(({ id }) => id === asked)?.name ?? `${asked}`] as const]),
  ];
}

function outcomeText(outcome: number): string {
  const name = OUTCOMES[outcome] ?? 'unknown';
  if (name === 'ok') return 'Answered';
  return name === 'fail' ? 'Failed for certain' : 'Outcome unknown';
}

function whenText(fromUs: number, tookUs: number): string {
  const from = `${(fromUs / 1e6).toFixed(6)} s`;
  if (tookUs === NONE) return `from ${from}, never returned`;
  return `from ${from} to ${((fromUs + tookUs) / 1e6).toFixed(6)} s, ${durationText(tookUs)}`;
}

function kindOf(data: ReportData, operation: number): string {
  return data.kinds[data.operations.kind[operation] ?? 0] ?? '';
}

function textOf(data: ReportData, text: number | undefined): string {
  return data.texts[text ?? NONE] ?? '';
}
