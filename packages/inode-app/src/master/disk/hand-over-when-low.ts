import { pause, systemClock } from '@raft-ts/net';
import type { Replica } from 'raft-ts';
import type { LogLine } from '../log-lines.js';
import { type DiskLimits, mebibytes } from './disk-limits.js';

export interface HandOverOptions {
  readonly replica: Pick<Replica, 'handOver'>;
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
  const { limits, freeBytes, log, signal } = options;
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
    if (low && !handedOver) handedOver = await handOver(options);
    await pause(systemClock, limits.checkMs, signal);
  }
}

/** Whether it was tried: once it was, the lead may as well stay. */
async function handOver({ replica, log, signal }: HandOverOptions): Promise<boolean> {
  try {
    return await replica.handOver(signal);
  } catch (error) {
    if (!signal.aborted) log(error instanceof Error ? error.message : String(error));
    return true;
  }
}
