import type { FaultWorld } from './fault.js';
import { leaveJoint } from './memberships.js';

/** How often somebody looks after the cluster once all faults have ended. */
const ROUND_MS = 1000;

/**
 * What an operator does when all is well again: leaves a joint configuration, takes machines out of
 * use that are no members any more, and starts those that are.
 */
export function takeCare(world: FaultWorld, mayLinger: boolean): void {
  const { cluster, time } = world;
  leaveJoint(world);
  if (cluster.leader() !== undefined) {
    const members = cluster.participants();
    for (const id of cluster.ids) {
      if (members.includes(id)) cluster.use(id);
      else if (!mayLinger) cluster.retire(id);
    }
  }
  time.after(ROUND_MS, () => takeCare(world, mayLinger));
}
