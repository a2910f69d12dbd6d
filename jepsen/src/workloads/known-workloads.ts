import { counter } from './counter.js';
import { followerReads } from './follower-reads.js';
import { inode } from './inode.js';
import { lists } from './lists.js';
import { lock } from './lock.js';
import { names } from './names.js';
import { register } from './register.js';
import { renames } from './renames.js';
import { sessions } from './sessions.js';
import { set } from './set.js';
import type { Workload } from './workload.js';

/** By which histories are judged again, too. */
export const WORKLOADS: readonly Workload[] = [
  register,
  set,
  lists,
  counter,
  lock,
  names,
  inode,
  renames,
  followerReads,
  sessions,
];

export function workloadNamed(name: string): Workload | undefined {
  return WORKLOADS.find((workload) => workload.name === name);
}
