import type { Cluster } from '../../cluster/cluster.js';
import { DamagedMembers } from './damaged-members.js';
import { HeldClocks } from './held-clocks.js';
import { HeldDisks } from './held-disks.js';
import { HeldLinks } from './held-links.js';
import { HeldMembers } from './held-members.js';
import { HeldSurroundings } from './held-surroundings.js';

/**
 * All that is done to a cluster, and by whom it is wanted: what two nemeses do to the same member, link, clock
 * or disk is there until both have healed.
 */
export class Holds {
  readonly members: HeldMembers;
  readonly links: HeldLinks;
  readonly surroundings: HeldSurroundings;
  readonly clocks: HeldClocks;
  readonly disks: HeldDisks;
  readonly damaged: DamagedMembers;

  constructor(
    cluster: Cluster,
    pause: (milliseconds: number, signal: AbortSignal) => Promise<void>,
  ) {
    this.members = new HeldMembers(cluster, pause);
    this.links = new HeldLinks(cluster.network);
    this.surroundings = new HeldSurroundings(cluster);
    this.clocks = new HeldClocks(cluster, this.members, this.surroundings);
    this.disks = new HeldDisks(cluster, this.members);
    this.damaged = new DamagedMembers(cluster);
  }
}
