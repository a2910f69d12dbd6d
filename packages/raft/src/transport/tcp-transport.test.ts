import { describe, it } from 'vitest';
import type { MemberId } from '../core/entry.js';
import { freeAddress } from '../testing/free-address.js';
import { transportCompliance } from '../testing/transport-compliance.js';
import { TcpTransport } from './tcp-transport.js';

async function createHome() {
  const peers = new Map<MemberId, string>();
  for (const id of [1, 2, 3]) peers.set(id, await freeAddress());
  return {
    transport: (id: MemberId) =>
      new TcpTransport({ id, clusterId: 'test', address: peers.get(id) ?? '', peers }),
    remove: async () => {},
  };
}

describe('TcpTransport', () => {
  for (const { name, run } of transportCompliance(createHome)) it(name, run);
});
