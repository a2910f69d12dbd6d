import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { Random } from '../simulation/random.js';

const KINDS = [
  'flip',
  'flip',
  'truncate',
  'remove',
  'empty',
  'garbage',
  'replace',
  'directory',
  'older',
] as const;
/** How often a whole folder goes instead of a file. */
const FOLDER_CHANCE = 0.03;
/** Files on which nothing depends are drawn less often. */
const IDLE_FILE = /^(OPTIONS-\d+|LOCK|IDENTITY)$/;
const IDLE_CHANCE = 0.1;
const MAX_GARBAGE_BYTES = 5_000;

/** Damage that was done, in words. */
export type Damage = string;

/**
 * Does one damage to the directory of a stopped member: file, place and kind are drawn. `older`: a
 * copy of the directory from before.
 */
export function drawDamage(random: Random, directory: string, older: string): Damage {
  if (random.chance(FOLDER_CHANCE)) {
    const folder = random.pick(['log', 'store']);
    rmSync(join(directory, folder), { recursive: true });
    return `${folder}/ removed`;
  }
  const files = filesBelow(directory);
  const idle = random.chance(IDLE_CHANCE);
  const file = random.pick(files.filter((path) => idle === IDLE_FILE.test(basename(path))));
  const kind = random.pick(KINDS);
  return `${relative(directory, file)} (${statSync(file).size} bytes): ${doDamage(
    random,
    kind,
    file,
    { files, old: join(older, relative(directory, file)) },
  )}`;
}

function doDamage(
  random: Random,
  kind: (typeof KINDS)[number],
  file: string,
  { files, old }: { readonly files: readonly string[]; readonly old: string },
): string {
  const { size } = statSync(file);
  switch (kind) {
    case 'flip': {
      if (size === 0) return doDamage(random, 'garbage', file, { files, old });
      const bytes = readFileSync(file);
      const at = random.integer(0, size - 1);
      const bit = random.integer(0, 7);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      writeFileSync(file, bytes);
      return `bit ${bit} of byte ${at} flipped`;
    }
    case 'truncate': {
      const length = random.integer(0, Math.max(0, size - 1));
      truncateSync(file, length);
      return `cut to ${length} bytes`;
    }
    case 'remove':
      rmSync(file);
      return 'removed';
    case 'empty':
      truncateSync(file, 0);
      return 'emptied';
    case 'garbage': {
      const length = random.integer(1, MAX_GARBAGE_BYTES);
      appendFileSync(file, Buffer.from(Array.from({ length }, () => random.integer(0, 255))));
      return `${length} bytes of garbage appended`;
    }
    case 'replace': {
      const other = random.pick(files);
      if (other !== file) copyFileSync(other, file);
      return `replaced with ${other}`;
    }
    case 'directory':
      rmSync(file);
      mkdirSync(file);
      return 'a directory in its place';
    case 'older':
      if (!existsSync(old)) return doDamage(random, 'truncate', file, { files, old });
      copyFileSync(old, file);
      return 'an older copy in its place';
  }
}

/** All files below, in a fixed order; what was kept aside of earlier damage is left out. */
function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.name.includes('.damaged-')) return [];
      const path = join(directory, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}
