/** What a test is doing. */
export type Phase = 'starting' | 'running' | 'healing' | 'reading' | 'comparing' | 'checking';

/** How far a test is. */
export interface Progress {
  readonly phase: Phase;
  /** Since the phase began, milliseconds. */
  readonly phaseMs: number;
  /** Calls of clients that have ended, by how. */
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** Strikes so far. */
  readonly faults: number;
}
