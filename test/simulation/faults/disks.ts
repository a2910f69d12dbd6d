import { type FaultKind, faultKind } from './fault.js';

const slowDisk = faultKind(
  'slow-disk',
  (draw) => ({ member: draw.target(), factor: draw.random.magnitude(5, 200) }),
  (fault, world) => {
    world.coverage.count('disk slow');
    return world.cluster.disk(world.member(fault.member)).slowDown(fault.factor);
  },
);

const stalledDisk = faultKind(
  'stalled-disk',
  (draw) => ({ member: draw.target() }),
  (fault, world) => {
    world.coverage.count('disk stalled');
    return world.cluster.disk(world.member(fault.member)).stall();
  },
);

/** Disks that are slow, full, fail, or forget. */
export const DISKS: readonly FaultKind[] = [slowDisk, stalledDisk];
