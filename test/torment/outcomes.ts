import { InodeAppError, type InodeAppErrorCode } from 'inode-app';

/** With which a tree refuses what it would do, were its masters and storages well. */
const TROUBLED: ReadonlySet<InodeAppErrorCode> = new Set([
  'STORAGE_UNREACHABLE',
  'STORAGE_FAILED',
  'STORAGE_INVALID',
  'SYNC_UNDER_WAY',
  'LOCKED',
  'MOUNT_BUSY',
  'UNAVAILABLE',
]);

/** How calls ended, of all clients together. */
export class Outcomes {
  acknowledged = 0;
  readonly refused = new Map<string, number>();
  readonly unknown = new Map<string, number>();
  readonly faults: string[] = [];
  /** Calls that were refused, or of which nobody knows how they ended. */
  unanswered = 0;

  /** Something came out that must not. */
  fault(text: string): void {
    this.faults.push(text);
  }

  /**
   * 'refused': it did not happen, for now. 'unknown': nobody knows. What is refused for another reason than the troubles is a
   * fault, and counts as unknown.
   */
  failed(what: string, error: unknown): 'refused' | 'unknown' {
    if (!(error instanceof InodeAppError)) throw error;
    const { code, outcome } = error;
    this.unanswered += 1;
    const counted = outcome === 'unknown' ? this.unknown : this.refused;
    counted.set(code, (counted.get(code) ?? 0) + 1);
    if (outcome === 'unknown') return 'unknown';
    if (TROUBLED.has(code)) return 'refused';
    this.fault(`${what} was refused: ${code}: ${error.message}`);
    return 'unknown';
  }
}
