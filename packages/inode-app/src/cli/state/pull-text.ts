import type { SnapshotFetchProgress } from 'raft-ts';
import { count } from '../load/load-summary.js';
import type { LongWork } from './interruptible.js';

const MEGABYTE = 1_000_000;

/** Shows how far a state is that a member makes and sends. */
export function pullText(show: LongWork['show']): (progress: SnapshotFetchProgress) => void {
  let last: SnapshotFetchProgress | undefined;
  show(() => (last === undefined ? 'looks for the cluster' : textOf(last)));
  return (progress) => {
    last = progress;
  };
}

function textOf({ from, phase, rows, bytes, totalBytes }: SnapshotFetchProgress): string {
  const came = `${count(rows)} rows, ${count(Math.floor(bytes / MEGABYTE))} MB`;
  if (phase === 'making') return `member ${from} makes a snapshot: ${came}`;
  const share = totalBytes === undefined ? '' : ` of ${count(Math.ceil(totalBytes / MEGABYTE))} MB`;
  return `from member ${from}: ${came}${share}`;
}
