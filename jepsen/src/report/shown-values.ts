import type { CallInput } from '../histories/history-event.js';
import type { ProcessId } from '../histories/operation.js';

/** The fields of a call beside its kind: `key "a", value 5`. */
export function shownFields(input: CallInput): string {
  return Object.entries(input)
    .filter(([name]) => name !== 'kind')
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(', ');
}

/** As much of a text as may be shown, and a sign that there is more. */
export function shortened(text: string, maxLetters: number): string {
  return text.length <= maxLetters ? text : `${text.slice(0, maxLetters - 1)}…`;
}

export function shownProcess(process: ProcessId): string {
  return typeof process === 'number' ? `process ${process}` : process;
}

/** A moment of the history. */
export function shownMoment(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

export function shownDuration(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${(ms / 1000).toFixed(2)} s`;
}
