import type { MachineRecord } from '../leftovers.js';
import type { MemberAddresses } from './member-addresses.js';
import type { Network } from './network.js';
import { ProxyNetwork, type ProxyNetworkOptions } from './proxies.js';

/** A network, and where it put the members. */
export interface PlacedNetwork {
  readonly network: Network;
  readonly addresses: ReadonlyMap<number, MemberAddresses>;
}

export async function openNetwork(
  _kind: Network['kind'],
  options: ProxyNetworkOptions,
  _record: MachineRecord,
): Promise<PlacedNetwork> {
  const network = await ProxyNetwork.open(options);
  return { network, addresses: network.addresses };
}
