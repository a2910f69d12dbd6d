import { entryStatus, entryType, type NamedEntry } from '../../client/entry-status.js';
import type { MountStatus } from '../../client/mount-status.js';
import { displayBytes, displayText, displayWord } from '../../display-names.js';
import { type ByteString, textFromByteString } from '../../namespace/tree/byte-string.js';
import { type Inode, InodeType } from '../../namespace/tree/inode.js';
import { lastName } from '../../namespace/tree/path.js';
import { type Column, formatTable } from '../table.js';

/** An entry as `--json` has it. */
export function jsonEntry(path: ByteString, inode: Inode): NamedEntry & { readonly path: string } {
  return {
    path: textFromByteString(path),
    name: textFromByteString(lastName(path)),
    ...entryStatus(inode),
  };
}

/** By inode type. */
const TYPE_LETTERS = ['d', '-', 'l'] as const;

/** Type and permissions as `ls -l` shows them. */
export function modeText(type: InodeType, mode: number): string {
  const special = [0o4000, 0o2000, 0o1000].map((bit) => (mode & bit) !== 0);
  const letters = [6, 3, 0].map((shift, position) => {
    const bits = mode >> shift;
    const execute = (bits & 1) !== 0;
    let last = execute ? 'x' : '-';
    if (special[position] === true) {
      const letter = position === 2 ? 't' : 's';
      last = execute ? letter : letter.toUpperCase();
    }
    return `${(bits & 4) === 0 ? '-' : 'r'}${(bits & 2) === 0 ? '-' : 'w'}${last}`;
  });
  return TYPE_LETTERS[type] + letters.join('');
}

/** A time as ISO 8601 in UTC, with milliseconds. */
export function timeText(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? `${ms} ms` : time.toISOString();
}

const UNIT_LETTERS = 'KMGTP';

/** A size in the largest unit of 1,024 that leaves at least 1 of it, rounded up, as `ls -h` has it. */
export function sizeText(bytes: number): string {
  let unit = '';
  let size = bytes;
  for (const letter of UNIT_LETTERS) {
    // What would be rounded up to 1,024 is 1 of the next.
    if (Math.ceil(size) < 1024) break;
    size /= 1024;
    unit = letter;
  }
  if (unit === '') return `${size}`;
  const tenths = Math.ceil(size * 10);
  return tenths < 100 ? `${(tenths / 10).toFixed(1)}${unit}` : `${Math.ceil(size)}${unit}`;
}

const ARROW = ' -> ';
/** A blank that could be taken for the arrow's first one. */
const ARROW_IN_NAME = / (?=->( |$))/g;

/** A link's name and target: the first arrow is the one between them, whatever they hold. */
function linkText(name: ByteString, target: ByteString): string {
  return displayBytes(name).replaceAll(ARROW_IN_NAME, '\\x20') + ARROW + displayBytes(target);
}

/** An entry in a listing, with the name or path that is shown of it. */
interface LongLine {
  readonly shown: ByteString;
  readonly inode: Inode;
}

function longColumns(size: (bytes: number) => string): readonly Column<LongLine>[] {
  return [
    { heading: '', cell: ({ inode }) => modeText(inode.type, inode.mode) },
    { heading: '', cell: ({ inode }) => displayWord(textFromByteString(inode.owner)) },
    { heading: '', cell: ({ inode }) => displayWord(textFromByteString(inode.group)) },
    {
      heading: '',
      align: 'right',
      cell: ({ inode }) => (isIncomplete(inode) ? 'incomplete' : size(inode.size)),
    },
    { heading: '', cell: ({ inode }) => timeText(inode.modifiedMs) },
    {
      heading: '',
      cell: ({ shown, inode }) =>
        inode.type === InodeType.SymbolicLink ? linkText(shown, inode.target) : displayBytes(shown),
    },
  ];
}

/** Lines as `ls -l` has them, aligned among themselves. */
export function longLines(
  entries: readonly LongLine[],
  size: (bytes: number) => string = String,
): readonly string[] {
  return formatTable(longColumns(size), entries).slice(1);
}

/** Whether a file in a mount was made, and its content is still to come. */
function isIncomplete({ type, mounted }: Inode): boolean {
  return type === InodeType.File && mounted?.complete === false;
}

/** What is known of the mount that an entry lies in. */
export type MountOfEntry = Pick<MountStatus, 'id' | 'path' | 'uri'>;

/** Everything about an entry, a line each. */
export function statusLines(
  path: ByteString,
  inode: Inode,
  mount?: MountOfEntry | undefined,
): readonly string[] {
  const lines = [
    `    Path: ${displayBytes(path)}`,
    `    Type: ${entryType(inode.type)}`,
    `    Size: ${inode.size}`,
    `    Mode: ${inode.mode.toString(8).padStart(4, '0')} (${modeText(inode.type, inode.mode)})`,
    `   Owner: ${displayBytes(inode.owner)}`,
    `   Group: ${displayBytes(inode.group)}`,
    `Modified: ${timeText(inode.modifiedMs)}`,
    `Accessed: ${timeText(inode.accessedMs)}`,
    `      Id: ${inode.id}`,
  ];
  if (inode.type === InodeType.SymbolicLink) lines.push(`  Target: ${displayBytes(inode.target)}`);
  return [...lines, ...mountedLines(inode, mount)];
}

/** What an entry has of its storage. */
function mountedLines(inode: Inode, mount: MountOfEntry | undefined): readonly string[] {
  const { mounted, type } = inode;
  if (mounted === undefined) return [];
  const where = mount && `${displayText(mount.path)} (${displayText(mount.uri)})`;
  const lines = [`   Mount: ${where ?? mounted.mount}`];
  if (type === InodeType.Directory) {
    lines.push(` Entries: ${mounted.complete ? 'all known' : 'not all known yet'}`);
  }
  if (isIncomplete(inode)) lines.push(' Content: incomplete');
  const { fingerprint } = mounted;
  return fingerprint === ''
    ? lines
    : [...lines, ` Content: fingerprint ${displayBytes(fingerprint)}`];
}
