import { displayText } from '../../display-names.js';
import type { SkippedReason } from './skipped.js';

/** What a load did. */
export interface LoadSummary {
  /** The directory of this machine, as JSON has it. */
  readonly source: string;
  /** The path in the tree, as JSON has it. */
  readonly into: string;
  /** Entries that the tree now has as they are here, the top directory included. */
  readonly entries: number;
  /** Of these, what was not there before. */
  readonly added: number;
  /** Of these, what was there with other attributes, another target or another type. */
  readonly updated: number;
  /** What was there and is not here, without what was below it. */
  readonly deleted: number;
  readonly seconds: number;
  readonly entriesPerSecond: number;
  readonly skipped: { readonly count: number; readonly reasons: readonly SkippedReason[] };
}

/** The summary as a person reads it; `complete` as `LoadResult` has it. */
export function summaryLines(summary: LoadSummary, complete: boolean): string[] {
  const { source, into, entries, seconds, entriesPerSecond, skipped } = summary;
  const lines = [
    `Loaded ${displayText(source)} into ${displayText(into)}: ${counted(entries, 'entry', 'entries')} in ` +
      `${seconds.toFixed(1)} s (${count(entriesPerSecond)} entries/s), ${changesText(summary, complete)}`,
  ];
  if (skipped.count > 0) lines.push(`Skipped ${count(skipped.count)}:`);
  for (const { reason, count: times, examples } of skipped.reasons) {
    const shown = examples.map(displayText).join(', ');
    lines.push(`  ${count(times)}  ${reason}: ${shown}${times > examples.length ? ', ...' : ''}`);
  }
  return lines;
}

/** What was written. */
function changesText(summary: LoadSummary, complete: boolean): string {
  const changes = (['added', 'updated', 'deleted'] as const)
    .filter((change) => summary[change] > 0)
    .map((change) => `${count(summary[change])} ${change}`);
  if (changes.length > 0) return changes.join(', ');
  // Nobody knows whether what was not loaded would have to be changed.
  return complete ? 'nothing to change' : 'nothing was changed';
}

/** A number and what it counts: `1 entry`, `1,234 entries`. */
export function counted(value: number | bigint, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 || value === 1n ? one : many}`;
}

/** Digits in groups of three: 1,234,567. */
export function count(value: number | bigint): string {
  return (typeof value === 'bigint' ? value : Math.round(value)).toLocaleString('en-US');
}
