import { type RpcNetwork, TcpRpcNetwork } from '@raft-ts/net';
import { ReplicatedClient } from '@raft-ts/statemachine';
import { type ByteString, byteString, encodeQuery, parseAnswer } from 'inode-app/store';

const PAGE_ENTRIES = 1000;

/** The tree as one member has it: path → inode, each found by its directory and by its path. */
export async function treeOf(
  address: string,
  timeoutMs: number,
): Promise<ReadonlyMap<string, unknown>> {
  await using client = new ReplicatedClient({
    addresses: [address],
    network: networkOf(address),
    readFrom: 'any',
    timeoutMs,
  });
  const ask = (query: Parameters<typeof encodeQuery>[0]) => client.query(encodeQuery(query));
  const found = new Map<string, unknown>();
  const visit = async (directory: ByteString): Promise<void> => {
    let after = byteString('');
    for (;;) {
      const query = { kind: 'list', path: directory, after, limit: PAGE_ENTRIES } as const;
      const page = parseAnswer<'list'>(query, await ask(query));
      if (!('more' in page)) throw new Error(`${directory}: ${JSON.stringify(page)}`);
      for (const { name, inode } of page.entries) {
        after = name;
        const path = byteString(`${directory === '/' ? '' : directory}/${name}`);
        found.set(path, inode);
        if (inode.type === 0) await visit(path);
      }
      if (!page.more) return;
    }
  };
  await visit(byteString('/'));
  await Promise.all(
    [...found].map(async ([path, inode]) => {
      const byPath = { kind: 'getStatus', path: byteString(path) } as const;
      const status = parseAnswer<'getStatus'>(byPath, await ask(byPath));
      found.set(path, { listed: inode, status });
    }),
  );
  return found;
}

/** Reaches one address and no other. */
function networkOf(only: string): RpcNetwork {
  const network = new TcpRpcNetwork();
  return {
    listen: (address, handler) => network.listen(address, handler),
    connect: (address, signal) => network.connect(address === only ? only : '127.0.0.1:1', signal),
  };
}
