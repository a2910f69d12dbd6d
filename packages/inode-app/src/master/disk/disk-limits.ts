const MEBIBYTE = 1024 * 1024;

/**
 * Free bytes at which a member whose disk was full takes part again. Opening log and tree brings
 * what was only in their write-ahead logs into files first: that takes up to the write buffers'
 * size, and nothing would be gained if the disk were full again at once.
 */
export const RESUME_FREE_BYTES = 256 * MEBIBYTE;
/** A leader hands over the lead below this part of it. The distance keeps it from to and fro. */
const LOW_FREE_SHARE = 1 / 4;
/** Between two looks at what is free, milliseconds. */
const CHECK_MS = 1000;
/**
 * The longest pause before a member is opened anew, milliseconds. It doubles up to that while the
 * disk is full again soon, for a reason that the free bytes do not show.
 */
const MAX_PAUSE_MS = 60_000;

/** When there is too little room on a disk, and when enough. */
export interface DiskLimits {
  readonly resumeFreeBytes: number;
  readonly lowFreeBytes: number;
  readonly checkMs: number;
  readonly maxPauseMs: number;
}

/** The limits that follow from one of them. */
export function diskLimits(resumeFreeBytes = RESUME_FREE_BYTES): DiskLimits {
  const lowFreeBytes = Math.floor(resumeFreeBytes * LOW_FREE_SHARE);
  return { resumeFreeBytes, lowFreeBytes, checkMs: CHECK_MS, maxPauseMs: MAX_PAUSE_MS };
}

/** Bytes for people. */
export function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(bytes < 10 * MEBIBYTE ? 1 : 0)} MiB`;
}
