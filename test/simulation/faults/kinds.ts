import { CLOCKS } from './clocks.js';
import { CRASHES } from './crashes.js';
import { DISKS } from './disks.js';
import type { FaultKind } from './fault.js';
import { PACKETS } from './packets.js';
import { PARTITIONS } from './partitions.js';

export const FAULT_KINDS: readonly FaultKind[] = [
  ...PARTITIONS,
  ...PACKETS,
  ...CRASHES,
  ...CLOCKS,
  ...DISKS,
];
