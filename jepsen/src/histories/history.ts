import type { HistoryEvent } from './history-event.js';
import type { JsonObject } from './json.js';

/** What the first line of a history's file says of the test. */
export interface HistoryHeader {
  /** Of the file. */
  readonly format: 1;
  /** By which a workload is found in the list of workloads: it says how the history is judged. */
  readonly workload: string;
  readonly suite: string;
  readonly nemeses: readonly string[];
  readonly seed: number;
  /** When the test began, as ISO 8601 in UTC. */
  readonly startedAt: string;
  /** All options of the test, as they were given or by default. */
  readonly options: JsonObject;
}

/** What happened in a test: what clients called and saw, and the faults, in the order in which one program saw it. */
export interface History {
  readonly header: HistoryHeader;
  readonly events: readonly HistoryEvent[];
}
