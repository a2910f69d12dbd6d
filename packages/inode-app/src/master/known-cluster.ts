import type { Membership } from 'raft-ts';
import { allMembers } from 'raft-ts/core';
import { argumentInvalid } from '../errors.js';
import type { MasterOptions } from './master-options.js';
import type { MemberAddresses } from './members.js';

/** What a member knows of its cluster before it takes part. */
export interface KnownCluster {
  /** Where this member is reached. */
  readonly own: MemberAddresses;
  /** Everybody, this member too, by ascending id. */
  readonly members: readonly MemberAddresses[];
}

type Given = Pick<MasterOptions, 'id' | 'members' | 'advertise'>;

/**
 * What the log says, and of whom it says nothing what the options do; but where this member itself is
 * reached is for who starts it to say. Throws ARGUMENT_INVALID when nobody says that.
 */
export function knownCluster({ id, members, advertise }: Given, log: Membership): KnownCluster {
  const ids = allMembers(log.configuration);
  const logged = ids.flatMap((each) => {
    const { member, client, http } = log.endpoints[each] ?? {};
    if (member === undefined || client === undefined) {
      return members.find((given) => given.id === each) ?? [];
    }
    const at = http === undefined ? {} : { httpAddress: http };
    return { id: each, memberAddress: member, clientAddress: client, ...at };
  });
  const find = (list: readonly MemberAddresses[]) => list.find((each) => each.id === id);
  const own = advertise === undefined ? (find(members) ?? find(logged)) : { id, ...advertise };
  if (own === undefined) {
    throw argumentInvalid(
      `nothing says where member ${id} is reached: name it in --members, or say it with --advertise`,
    );
  }
  const others = (ids.length === 0 ? members : logged).filter((each) => each.id !== id);
  return { own, members: [...others, own].sort((a, b) => a.id - b.id) };
}
