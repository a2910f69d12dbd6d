import { pause, systemClock } from '@raft-ts/net';
import type { MemberId, Replica, ReplicaStatus } from 'raft-ts';
import type { LogLine } from '../log-lines.js';
import { type DiskLimits, mebibytes } from './disk-limits.js';

export interface HandOverOptions {
  readonly replica: Pick<Replica, 'status' | 'transferLeadership'>;
  readonly limits: DiskLimits;
  readonly freeBytes: () => Promise<number>;
  readonly log: LogLine;
  readonly signal: AbortSignal;
}

/**
 * Hands over the lead while there is still room to do so in order, once each time that the disk
 * becomes low: where all members' disks are, the lead goes round once and then stays. Ends with
 * the signal; rejects when what is free can't be read.
 */
export async function handOverWhenLow(options: HandOverOptions): Promise<void> {
  const { replica, limits, freeBytes, log, signal } = options;
  let low = false;
  let handedOver = false;
  while (!signal.aborted) {
    const free = await freeBytes();
    if (free >= limits.resumeFreeBytes) {
      low = false;
      handedOver = false;
    } else if (free < limits.lowFreeBytes && !low) {
      low = true;
      log(`the disk is nearly full: ${mebibytes(free)} are free`);
    }
    const target = low && !handedOver ? successor(replica.status()) : undefined;
    if (target !== undefined) {
      handedOver = true;
      await handOver(options, target);
    }
    await pause(systemClock, limits.checkMs, signal);
  }
}

async function handOver({ replica, log, signal }: HandOverOptions, to: MemberId): Promise<void> {
  try {
    await replica.transferLeadership(to, signal);
  } catch (error) {
    if (!signal.aborted) log(error instanceof Error ? error.message : String(error));
  }
}

/** The voter that has come furthest; undefined when there is none, or another member leads. */
export function successor(status: Pick<ReplicaStatus, 'id' | 'role' | 'progress'>) {
  if (status.role !== 'leader') return undefined;
  const able = status.progress.filter(
    ({ id, active, learner, recovering }) => id !== status.id && active && !learner && !recovering,
  );
  return able.sort((one, other) => other.match - one.match)[0]?.id;
}
