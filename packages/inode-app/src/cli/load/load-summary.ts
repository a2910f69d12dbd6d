import type { SkippedReason } from './skipped.js';

/** What a load did. */
export interface LoadSummary {
  /** The directory of this machine, as displayed. */
  readonly source: string;
  /** The path in the tree, as displayed. */
  readonly into: string;
  /** Entries that the tree now has as they are here, the top directory included. */
  readonly entries: number;
  /** Of these, files and links that were there already and were brought up to date. */
  readonly updated: number;
  readonly seconds: number;
  readonly entriesPerSecond: number;
  readonly skipped: { readonly count: number; readonly reasons: readonly SkippedReason[] };
}

/** The summary as a person reads it. */
export function summaryLines(summary: LoadSummary): string[] {
  const { entries, updated, seconds, entriesPerSecond, skipped } = summary;
  const lines = [
    `Loaded ${summary.source} into ${summary.into}: ${counted(entries, 'entry', 'entries')} in ` +
      `${seconds.toFixed(1)} s (${count(entriesPerSecond)} entries/s)` +
      `${updated === 0 ? '' : `, ${count(updated)} of them updated`}`,
  ];
  if (skipped.count > 0) lines.push(`Skipped ${count(skipped.count)}:`);
  for (const { reason, count: times, examples } of skipped.reasons) {
    lines.push(
      `  ${count(times)}  ${reason}: ${examples.join(', ')}${times > examples.length ? ', ...' : ''}`,
    );
  }
  return lines;
}

/** A number and what it counts: `1 entry`, `1,234 entries`. */
export function counted(value: number | bigint, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 || value === 1n ? one : many}`;
}

/** Digits in groups of three: 1,234,567. */
export function count(value: number | bigint): string {
  return (typeof value === 'bigint' ? value : Math.round(value)).toLocaleString('en-US');
}
