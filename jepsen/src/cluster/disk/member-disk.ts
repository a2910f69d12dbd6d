/**
 * What members' directories lie in: plain directories, a file system in memory each that can be filled, or
 * one on a file of its own each, which can be filled and can lose power.
 */
export type DiskKind = 'directories' | 'memory' | 'devices';

/** The file systems of the members' directories. */
export interface MemberDisks extends AsyncDisposable {
  readonly kind: DiskKind;
  /** The faults in which a nemesis is denied, with the reason. */
  readonly unavailable: Readonly<Partial<Record<'fill' | 'cutPower', string>>>;
  /** Takes all space of the member's file system but so many bytes, 0 by default. */
  fill(id: number, freeBytes?: number): Promise<void>;
  /** Gives back what `fill` took. Does nothing where nothing is filled. */
  free(id: number): Promise<void>;
  /**
   * What was written and not yet synced is gone, as by a loss of power; the file system is there again once
   * it resolves. `stop` ends all that uses it; it is called when nothing reaches the disk any more.
   */
  losePower(id: number, stop: () => Promise<void>): Promise<void>;
}
