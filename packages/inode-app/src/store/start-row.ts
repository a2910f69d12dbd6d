/** What a start row holds: a format number, which no inode row begins with, and nothing else. */
const FORMAT = 0;

/**
 * The value of a row at which scans of a directory start, instead of looking for the first entry behind
 * all that were removed. One has the key that the keys of all entries begin with: it is written when an entry leaves
 * the directory, and goes with the directory. Another stands where the last entry was that was
 * given back of a directory in the trash.
 */
export const START_ROW: Uint8Array = Uint8Array.of(FORMAT);

export function isStartRow(value: Uint8Array): boolean {
  return value.length === 1 && value[0] === FORMAT;
}
