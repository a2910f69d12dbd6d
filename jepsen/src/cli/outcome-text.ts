import { join, relative } from 'node:path';
import type { CheckResult } from '../checkers/checker.js';
import type { TestOutcome } from '../run/run-test.js';
import { isStruck, REPORT_FILE } from '../store/stored-results.js';

/** Findings of a checker that are told here; the report has all. */
const MAX_FINDINGS = 3;

/** What became of a test, for a person. */
export function outcomeText({ directory, verdict, results }: TestOutcome): readonly string[] {
  const { header, counts, faults, commands, longestSilenceAfterHealingMs } = results;
  const nemeses = header.nemeses.length === 0 ? 'no faults' : header.nemeses.join('+');
  const count = results.members.length;
  const members = count === 1 ? '1 member' : `${count} members`;
  const struck = Object.entries(faults).map(([kind, count]) => `${kind} ${count}`);
  const gap = longestSilenceAfterHealingMs;
  const [again, ...others] = commands;
  return [
    `${verdict}: ${header.workload} on ${header.suite}, ${members}, ${nemeses}, seed ${header.seed}`,
    `  ${counts.calls} calls: ${counts.ok} ok, ${counts.fail} failed, ${counts.info} unknown`,
    ...(struck.length === 0 ? [] : [`  faults: ${struck.join(', ')}`]),
    ...(isStruck(results) ? [] : [`  no fault struck: of ${nemeses} this proves nothing`]),
    ...(gap === null ? [] : [`  after healing, the longest time without an answer: ${gap} ms`]),
    ...results.results.flatMap(checkText),
    `  report: ${shown(join(directory, REPORT_FILE))}`,
    ...(again === undefined ? [] : [`again: ${again}`]),
    ...others.map((command) => `       ${command}`),
  ];
}

function checkText({ checker, verdict, findings }: CheckResult): readonly string[] {
  const told = findings.slice(0, MAX_FINDINGS);
  const lines = told.flatMap((finding) => finding.lines.map((line) => `    ${line}`));
  const more = findings.length - told.length;
  return [
    `  ${checker}: ${verdict}`,
    ...lines,
    ...(more > 0 ? [`    and ${more} more, see the report`] : []),
  ];
}

function shown(path: string): string {
  const short = relative('', path);
  return short.startsWith('..') ? path : short;
}
