import type { MachineRecord } from '../leftovers.js';
import type { MemberAddresses } from './member-addresses.js';
import { NamespaceNetwork } from './namespaces.js';
import type { Network } from './network.js';
import { ProxyNetwork, type ProxyNetworkOptions } from './proxies.js';

/** Rejects with CLUSTER_FAILED where it can't be had. */
export function openNetwork(
  kind: Network['kind'],
  options: ProxyNetworkOptions,
  record: MachineRecord,
): Promise<Network & { readonly addresses: ReadonlyMap<number, MemberAddresses> }> {
  if (kind === 'namespaces') return NamespaceNetwork.open(options.members, record);
  return ProxyNetwork.open(options);
}
