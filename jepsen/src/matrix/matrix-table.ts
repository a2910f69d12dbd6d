import { strikesOf } from '../store/stored-results.js';
import { type CellResult, nameOf } from './cell-result.js';

/** Above the rows, as Markdown has it. */
export const TABLE_HEAD: readonly string[] = [
  '| suite | workload | nemesis | outcome | ok | failed | unknown | faults | longest silence after healing, ms |',
  '| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |',
];

export function tableRow({ suite, workload, nemesis, outcome, test }: CellResult): string {
  const figures =
    test === undefined
      ? ['', '', '', '', '']
      : [
          test.counts.ok,
          test.counts.fail,
          test.counts.info,
          strikesOf(test.faults),
          test.longestSilenceAfterHealingMs ?? '',
        ];
  return `| ${[suite, workload, nemesis, outcome, ...figures].join(' | ')} |`;
}

/** What a person has to look at: why it is not valid, and how it is run again. None of what is valid. */
export function reasonLines(result: CellResult): readonly string[] {
  if (result.outcome === 'valid') return [];
  const [again] = result.test?.commands ?? [];
  return [
    `${result.outcome}: ${nameOf(result)}`,
    ...result.reasons.map((reason) => `  ${reason}`),
    ...(again === undefined ? [] : [`  again: ${again}`]),
  ];
}
