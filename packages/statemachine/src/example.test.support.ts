import { MemoryRpcNetwork } from '@raft-ts/net';
import { MemoryLogStore, MemoryNetwork, Replica } from 'raft-ts';
import { KeyValueMachine, ReplicatedClient, StateMachineService } from './index.js';

/** Three members and a client, in one process. */
export async function example(): Promise<unknown> {
  // Between processes: TcpTransport and TcpRpcNetwork. On disk: RocksLogStore, and your machine.
  const network = new MemoryNetwork();
  const rpc = new MemoryRpcNetwork();
  const clientAddresses = new Map([1, 2, 3].map((id) => [id, `member-${id}:7000`] as const));
  const opened: AsyncDisposable[] = [];
  for (const [id, address] of clientAddresses) {
    const machine = new KeyValueMachine();
    const service = await StateMachineService.open({ machine, clientAddresses });
    const replica = await Replica.start({
      id,
      clusterId: 'example',
      initialVoters: [1, 2, 3],
      log: MemoryLogStore.open(),
      transport: network.transport(id),
      applier: service,
    });
    service.serve(replica);
    opened.push(service, replica, await rpc.listen(address, service.handler));
  }
  const client = new ReplicatedClient({ addresses: [...clientAddresses.values()], network: rpc });
  opened.push(client);
  await client.command(['put', 'greeting', 'hello']);
  const answer = await client.query(['get', 'greeting']);
  // The client first, then each member: its server, its replica, its service.
  for (const resource of opened.reverse()) await resource[Symbol.asyncDispose]();
  return answer;
}
