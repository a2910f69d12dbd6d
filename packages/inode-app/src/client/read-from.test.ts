import { TcpRpcNetwork } from '@raft-ts/net';
import { QueryConsistency, RpcMethod } from '@raft-ts/statemachine';
import { expect, it } from 'vitest';
import { NamespaceClient } from './namespace-client.js';

it('sends reads where the options say', async () => {
  const asked: unknown[] = [];
  await using server = await new TcpRpcNetwork().listen(
    '127.0.0.1:0',
    (method, body, responder) => {
      if (method === RpcMethod.FindLeader) responder.done([true, 1, 1, server.address]);
      if (method !== RpcMethod.Query || !Array.isArray(body)) return;
      asked.push(body[0]);
      responder.done(['NOT_FOUND', '/a']);
    },
  );
  for (const readFrom of [undefined, 'leader', 'any'] as const) {
    const options = readFrom === undefined ? {} : { readFrom };
    await using client = new NamespaceClient({ addresses: [server.address], ...options });
    await expect(client.getStatus('/a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
  const { OfLeader, OfAny } = QueryConsistency;
  expect(asked).toEqual([OfLeader, OfLeader, OfAny]);
});
