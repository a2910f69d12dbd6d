import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs';
import type { NewAttributes } from '../../namespace/tree/attributes.js';
import { type ByteString, byteStringOf } from '../../namespace/tree/byte-string.js';
import type { PrincipalNames } from './principals.js';

/** What was found at a path of this machine. */
export type RealEntry =
  | { readonly type: 'directory'; readonly attributes: NewAttributes }
  | RealLeaf
  | SkippedEntry;

/** What is not loaded. */
export interface SkippedEntry {
  readonly type: 'skipped';
  readonly reason: string;
  /** 'special': the tree has no type for it. 'unread': it is there, and nobody knows what it is. */
  readonly kind: 'special' | 'vanished' | 'unread';
}

/** What has no entries of its own. */
export type RealLeaf =
  | { readonly type: 'file'; readonly attributes: NewAttributes }
  | { readonly type: 'symlink'; readonly attributes: NewAttributes; readonly target: ByteString };

export interface Principals {
  readonly users: PrincipalNames;
  readonly groups: PrincipalNames;
}

/** A path of this machine as its file functions take it. */
export function realPath(path: ByteString): Buffer {
  return Buffer.from(path, 'latin1');
}

/**
 * Reads what is at a path, without following a link. Synchronous: the answer is nearly always in
 * the kernel's cache, where asking another thread costs several times what the answer does.
 */
export function readRealEntry(path: ByteString, principals: Principals): RealEntry {
  try {
    const bytes = realPath(path);
    const stats = lstatSync(bytes, { bigint: true });
    const attributes = realAttributes(stats, principals);
    if (stats.isDirectory()) return { type: 'directory', attributes };
    if (stats.isFile()) return { type: 'file', attributes };
    if (!stats.isSymbolicLink()) return skip(specialType(stats), 'special');
    const target = byteStringOf(readlinkSync(bytes, { encoding: 'buffer' }));
    return { type: 'symlink', attributes, target };
  } catch (error) {
    return unreadable(error);
  }
}

/** The attributes that the tree keeps. */
export function realAttributes(stats: BigIntStats, principals: Principals): NewAttributes {
  return {
    mode: Number(stats.mode) & 0o7777,
    owner: principals.users.nameOf(stats.uid),
    group: principals.groups.nameOf(stats.gid),
    size: Number(stats.size),
    modifiedMs: floorToMs(stats.mtimeNs),
  };
}

const NS_PER_MS = 1_000_000n;

/** Whole milliseconds at or before a time in nanoseconds; before 1970 too. */
export function floorToMs(ns: bigint): number {
  const towardsZero = ns / NS_PER_MS;
  return Number(ns < 0n && towardsZero * NS_PER_MS !== ns ? towardsZero - 1n : towardsZero);
}

function specialType(stats: BigIntStats): string {
  if (stats.isSocket()) return 'socket';
  if (stats.isFIFO()) return 'FIFO';
  return stats.isBlockDevice() || stats.isCharacterDevice() ? 'device' : 'unknown type';
}

/** Why something of this machine could not be read. */
export function unreadable(error: unknown): SkippedEntry {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
    // A directory on the way to it became something else.
    case 'ENOTDIR':
      return skip('vanished while loading', 'vanished');
    case 'EACCES':
    case 'EPERM':
      return skip('permission denied', 'unread');
    case 'ENAMETOOLONG':
      return skip('path too long', 'unread');
    default:
      return skip(`unreadable (${code ?? 'unknown error'})`, 'unread');
  }
}

function skip(reason: string, kind: SkippedEntry['kind']): SkippedEntry {
  return { type: 'skipped', reason, kind };
}
