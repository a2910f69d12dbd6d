import { MemoryRpcNetwork } from '@raft-ts/net';
import { expect, it } from 'vitest';
import { SharedConnections } from './shared-connections.js';

it('leaves a connection to the others when one of those who wait for it gives up', async () => {
  const network = new MemoryRpcNetwork();
  await using server = await network.listen('one:1', (_method, body, responder) => {
    responder.done(body);
  });
  const connections = new SharedConnections(network);
  const controller = new AbortController();
  const givenUp = connections.acquire('one:1', controller.signal);
  const { signal } = new AbortController();
  const waiting = [connections.acquire('one:1', signal), connections.acquire('one:1', signal)];
  controller.abort(new Error('no longer needed'));
  await expect(givenUp).rejects.toThrow('no longer needed');
  for (const lease of await Promise.all(waiting)) {
    expect(await lease.connection.request(1, 'a')).toBe('a');
  }
  expect(server.connections).toBe(1);
  for (const lease of await Promise.all(waiting)) lease.release();
  while (server.connections > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await connections.close();
});

it('waits for many connections at once without a warning of Node', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  try {
    // As over TCP: whoever connects listens for the abort.
    const connect = (_address: string, signal?: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    const connections = new SharedConnections({ connect });
    const waiting = Array.from({ length: 20 }, (_, i) => connections.acquire(`machine-${i}:1`));
    await connections.close();
    await Promise.allSettled(waiting);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', note);
  }
});

it('closes a connection that nobody waits for any more once it stands', async () => {
  const network = new MemoryRpcNetwork();
  await using server = await network.listen('one:1', () => {});
  const connections = new SharedConnections(network);
  const controller = new AbortController();
  const givenUp = connections.acquire('one:1', controller.signal);
  controller.abort(new Error('no longer needed'));
  await expect(givenUp).rejects.toThrow('no longer needed');
  const lease = await connections.acquire('one:1');
  expect(await Promise.race([lease.connection.open, 'none'])).toBe(true);
  lease.release();
  while (server.connections > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await connections.close();
});
