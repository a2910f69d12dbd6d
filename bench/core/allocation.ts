import { fork } from 'node:child_process';
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { raftGroup } from './memory-group.js';
import { plainGroup } from './plain-copying.js';
import { payloadsOf } from './proposals.js';

/** Room for everything that is counted, and as much again. */
const YOUNG_GENERATION_MB = 256;
const WARM_UP_PROPOSALS = 65_536;
const COUNTED_PROPOSALS = 8192;

type GroupKind = 'raft' | 'plain';

/**
 * Heap bytes that a proposal takes in a group of three, all members and the harness together,
 * payloads not counted.
 *
 * Measured in a process of its own whose young generation is too large to be collected meanwhile:
 * then the heap's growth is what was allocated, and not what happened to survive. A collection in
 * between is an error.
 */
export function measureAllocation(kind: GroupKind, batch: number): Promise<number> {
  const space = `${YOUNG_GENERATION_MB}`;
  const child = fork(fileURLToPath(import.meta.url), [kind, `${batch}`], {
    execArgv: ['--expose-gc', `--min-semi-space-size=${space}`, `--max-semi-space-size=${space}`],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (bytes) => resolve(Number(bytes)));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the measuring process ended with ${code}`)));
  });
}

async function countBytes(kind: string | undefined, batch: number): Promise<number> {
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  const payloads = payloadsOf(batch);
  const group = kind === 'raft' ? raftGroup() : plainGroup();
  for (let i = 0; i < WARM_UP_PROPOSALS; i += batch) group.propose(payloads);
  gc?.();
  await reported();
  observer.observe({ entryTypes: ['gc'] });
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < COUNTED_PROPOSALS; i += batch) group.propose(payloads);
  const after = process.memoryUsage().heapUsed;
  await reported();
  if (collections > 0) throw new Error(`${collections} collections while allocations were counted`);
  return Math.round((after - before) / (Math.ceil(COUNTED_PROPOSALS / batch) * batch));
}

/** Collections are reported to observers in a later turn. */
async function reported(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.send?.(await countBytes(process.argv[2], Number(process.argv[3])));
}
