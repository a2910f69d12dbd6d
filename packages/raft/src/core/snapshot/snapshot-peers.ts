import { allMembers } from '../membership/configuration.js';
import type { Membership } from '../membership/membership.js';
import type { SnapshotPeer } from '../message.js';

/** Members that answer over HTTP. */
export function snapshotPeers({ configuration, endpoints }: Membership): readonly SnapshotPeer[] {
  return allMembers(configuration).flatMap((member) => {
    const address = endpoints[member]?.http;
    return address === undefined ? [] : [{ member, address }];
  });
}
