import { type MemoryGroup, raftGroup } from './memory-group.js';
import { plainGroup } from './plain-copying.js';
import { median } from './statistics.js';

export const PAYLOAD_BYTES = 64;
/** Short, so that whatever else the machine does hits few of them: medians are reported. */
const SLICE_MS = 25;
/** Proposals between two looks at the clock, which cost about what a proposal does. */
const PROPOSALS_PER_LOOK = 64;

/** How fast proposals go through a group of three. */
export interface ProposalFigures {
  readonly proposalsPerSecond: number;
  /** Of plain copying, measured in turns with it. */
  readonly shareOfPlainCopying: number;
}

/** `batch` proposals at once, again and again for `seconds`, in turns with plain copying. */
export function measureProposals(batch: number, seconds: number): ProposalFigures {
  const payloads = payloadsOf(batch);
  const raft = raftGroup();
  const plain = plainGroup();
  const rates: number[] = [];
  const shares: number[] = [];
  const slices = Math.max(4, Math.ceil((seconds * 1000) / (2 * SLICE_MS)));
  for (let slice = 0; slice < slices; slice++) {
    const rate = sliceOf(raft, payloads);
    rates.push(rate);
    shares.push(rate / sliceOf(plain, payloads));
  }
  checkApplied(raft);
  // The first slices are slower: the code is not compiled yet.
  const warm = Math.floor(slices / 4);
  return {
    proposalsPerSecond: Math.round(median(rates.slice(warm))),
    shareOfPlainCopying: Math.round(median(shares.slice(warm)) * 1000) / 1000,
  };
}

export function payloadsOf(batch: number): readonly Uint8Array[] {
  return Array.from({ length: batch }, (_, i) => new Uint8Array(PAYLOAD_BYTES).fill(i));
}

/** Proposals a second over one slice. */
function sliceOf(group: MemoryGroup, payloads: readonly Uint8Array[]): number {
  const start = performance.now();
  let proposals = 0;
  let elapsedMs = 0;
  while (elapsedMs < SLICE_MS) {
    for (let i = 0; i < PROPOSALS_PER_LOOK; i += payloads.length) group.propose(payloads);
    proposals += Math.ceil(PROPOSALS_PER_LOOK / payloads.length) * payloads.length;
    elapsedMs = performance.now() - start;
  }
  return (proposals * 1000) / elapsedMs;
}

/** Speed counts only where the work was done. */
function checkApplied(group: MemoryGroup): void {
  const reached = group.member(1).appliedIndex;
  // Followers learn of a commit with the next message: one more carries it to them.
  group.propose(payloadsOf(1));
  for (const id of group.followerIds) {
    const applied = group.member(id).appliedIndex;
    if (applied < reached) throw new Error(`member ${id} applied ${applied} of ${reached} entries`);
  }
}
