import type { MemberId } from 'raft-ts';
import { jointVote } from 'raft-ts/core';
import type { NamedProperty, World } from '../property.js';

/**
 * A member that was found to hold another state than most carries out nothing any more, unless it begins with
 * nothing; and in the end all that run hold the same, where enough of them do to decide what is right.
 */
export const divergedMembersStop: NamedProperty = {
  name: 'diverged-members-stop',
  create(world, violate) {
    const diverged = new Set<MemberId>();
    return {
      diverged(member) {
        diverged.add(member);
      },
      stateWiped(member) {
        diverged.delete(member);
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

/** Two members that run and hold different values, though enough hold the same to decide which are right. */
export function whoDiffers(world: World): readonly [MemberId, MemberId] | undefined {
  const running = world.participants().filter((id) => world.member(id).status !== undefined);
  const groups = new Map<number, MemberId[]>();
  for (const id of running) {
    const { hash } = world.member(id).store;
    groups.set(hash, [...(groups.get(hash) ?? []), id]);
  }
  const [first, other] = [...groups.values()].map(([id]) => id);
  if (first === undefined || other === undefined) return undefined;
  const configuration = world.member(first).status?.membership.configuration;
  if (configuration === undefined) return undefined;
  const decides = (ids: readonly MemberId[]) =>
    jointVote(configuration, new Map(ids.map((id) => [id, true]))) === 'won';
  return [...groups.values()].some(decides) ? [first, other] : undefined;
}
