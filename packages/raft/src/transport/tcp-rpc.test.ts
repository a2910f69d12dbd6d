import { describe, it } from 'vitest';
import { rpcCompliance } from '../testing/rpc-compliance.js';
import { TcpRpcNetwork } from './tcp-rpc.js';

const maxFrameBytes = 256 * 1024;

describe('TcpRpcNetwork', () => {
  const createHome = async () => ({
    network: new TcpRpcNetwork({ maxFrameBytes }),
    anyAddress: '127.0.0.1:0',
    maxFrameBytes,
    remove: async () => {},
  });
  for (const { name, run } of rpcCompliance(createHome)) it(name, run);
});
