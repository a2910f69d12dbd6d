import { CLOCKS } from './clocks.js';
import { COMPACTIONS } from './compactions.js';
import { CRASHES } from './crashes.js';
import { DISKS } from './disks.js';
import type { FaultKind } from './fault.js';
import { JOINT_SPLITS } from './joint-splits.js';
import { LEADERSHIP } from './leadership.js';
import { MEMBERSHIPS } from './memberships.js';
import { OPERATORS } from './operators.js';
import { PACKETS } from './packets.js';
import { PARTITIONS } from './partitions.js';
import { SNAPSHOTS } from './snapshots.js';
import { STRANGERS } from './strangers.js';

/** What goes wrong, and what operators do meanwhile. */
export const FAULT_KINDS: readonly FaultKind[] = [
  ...PARTITIONS,
  ...PACKETS,
  ...STRANGERS,
  ...CRASHES,
  ...CLOCKS,
  ...DISKS,
  ...MEMBERSHIPS,
  ...JOINT_SPLITS,
  ...LEADERSHIP,
  ...COMPACTIONS,
  ...SNAPSHOTS,
  ...OPERATORS,
];
