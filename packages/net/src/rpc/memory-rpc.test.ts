import { describe, expect, it } from 'vitest';
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

describe('MemoryRpcNetwork with a schedule of its own', () => {
  it('delivers only when the schedule says so, and in order whatever is called first', async () => {
    const waiting: (() => void)[] = [];
    const network = new MemoryRpcNetwork({ schedule: (deliver) => waiting.push(deliver) });
    const bodies: unknown[] = [];
    const server = await network.listen('memory:7', (_method, body, responder) => {
      bodies.push(body);
      responder.done(body);
    });
    const connecting = network.connect(server.address);
    expect(waiting).toHaveLength(1);
    waiting.shift()?.();
    const connection = await connecting;
    const answers = Promise.all([connection.request(1, 'a'), connection.request(1, 'b')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(bodies).toEqual([]);
    while (waiting.length > 0) waiting.pop()?.();
    expect(await answers).toEqual(['a', 'b']);
    expect(bodies).toEqual(['a', 'b']);
  });
});
