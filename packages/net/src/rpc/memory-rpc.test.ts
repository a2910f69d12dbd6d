import { describe, it } from 'vitest';
import { rpcCompliance } from '../testing/rpc-compliance.js';
import { MemoryRpcNetwork } from './memory-rpc.js';

const maxFrameBytes = 256 * 1024;

describe('MemoryRpcNetwork', () => {
  const createHome = async () => ({
    network: new MemoryRpcNetwork({ maxFrameBytes }),
    anyAddress: 'memory:0',
    maxFrameBytes,
    remove: async () => {},
  });
  for (const { name, run } of rpcCompliance(createHome)) it(name, run);
});
