import { once } from 'node:events';
import { HttpServer } from '@raft-ts/net';
import { RocksDatabase } from '../../rocksdb/database.js';
import { HttpSnapshotSource } from '../http-snapshot-source.js';
import { HEADER } from '../snapshot.test.support.js';
import { SnapshotKeeper } from '../snapshot-keeper.js';
import type { SnapshotReceiver } from '../snapshot-receiver.js';
import { SnapshotServer } from '../snapshot-server.js';
import { RocksSnapshotReceiver } from './rocks-snapshot-receiver.js';
import { RocksSnapshotRows } from './rocks-snapshot-rows.js';

/*
 * `serve DATABASE DIRECTORY ADDRESS` hands out the rows of a database; `receive DIRECTORY ADDRESS BLOCK` fetches
 * them, installs them, and prints each block and each step; behind this block it waits for its input to end.
 */
const [role, ...args] = process.argv.slice(2);
const { clusterId, application, base } = HEADER;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function serve(databaseDirectory: string, directory: string, address: string): Promise<void> {
  const database = await RocksDatabase.open({ directory: databaseDirectory });
  const keeper = await SnapshotKeeper.open({ directory, clusterId });
  const take = async () => {
    say('made');
    return await (await RocksSnapshotRows.start(database)).hold(base);
  };
  const server = new SnapshotServer({ clusterId, application, keeper, supply: { take } });
  const http = await HttpServer.open(address, (request) => server.handle(request));
  say(http.address);
}

async function receive(directory: string, address: string, haltAt: number): Promise<void> {
  const rows = new RocksSnapshotReceiver({
    directory,
    install: async (replace) => {
      say('installing');
      await replace();
    },
  });
  const receiver: SnapshotReceiver = {
    begun: () => rows.begun(),
    begin: async (manifest) => {
      const position = await rows.begin(manifest);
      say(`begun at ${position.blocks}`);
      return position;
    },
    accept: async (block) => {
      await rows.accept(block);
      say(`block ${block.number}`);
      if (block.number === haltAt) await once(process.stdin.resume(), 'end');
    },
    complete: () => rows.complete(),
    discard: () => rows.discard(),
  };
  const source = new HttpSnapshotSource({
    clusterId,
    application,
    receiver,
    peers: () => [{ member: 1, address }],
    rangeBytes: 1_000_000,
  });
  try {
    const fetched = await source.fetch({ from: 1, index: 1 }, new AbortController().signal);
    await fetched.install();
    say('installed');
  } catch (error) {
    say(`failed ${String(error)}`);
  }
  await source.close();
  await rows.close();
}

const [first = '', second = '', third = ''] = args;
if (role === 'serve') await serve(first, second, third);
else await receive(first, second, Number(third));
