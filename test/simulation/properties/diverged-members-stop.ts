import type { MemberId } from 'raft-ts';
import type { NamedProperty, World } from '../property.js';

/**
 * A member that was found to hold another state than most carries out nothing any more; and in the end
 * all that run hold the same.
 */
export const divergedMembersStop: NamedProperty = {
  name: 'diverged-members-stop',
  create(world, violate) {
    const diverged = new Set<MemberId>();
    return {
      diverged(member) {
        diverged.add(member);
      },
      tookEffect(member, index) {
        if (diverged.has(member))
          violate(`member ${member} applied ${index} after it had diverged`);
      },
      finished() {
        const different = whoDiffers(world);
        if (different !== undefined)
          violate(`members ${different.join(' and ')} hold different values`);
      },
    };
  },
};

/** Two members that run and hold different values. */
export function whoDiffers(world: World): readonly [MemberId, MemberId] | undefined {
  const [first, ...others] = world
    .participants()
    .filter((id) => world.member(id).status !== undefined);
  if (first === undefined) return undefined;
  const held = (id: MemberId) => world.member(id).store.values.join();
  const different = others.find((id) => held(id) !== held(first));
  return different === undefined ? undefined : [first, different];
}
