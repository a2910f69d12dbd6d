import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseAddress } from '@raft-ts/net';
import { freeAddresses } from '@raft-ts/net/testing';
import { WebHdfsDriver } from 'inode-app/storages';
import { ServerProcess } from './server-process.js';
import { listedContents, StorageAbsent, type TormentedStorage } from './tormented-storage.js';

/** Names the directory with the jars of HDFS. */
const HDFS_JARS = 'HDFS_JARS';
const PLACE = '/tormented';

/** A NameNode and a DataNode in one process, with permissions: it takes up what is in its directory. */
const SOURCE = `
import java.io.File;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

public class TormentedHdfs {
  public static void main(String[] arguments) throws Exception {
    File directory = new File(arguments[0]);
    Configuration configuration = new Configuration();
    configuration.set("dfs.webhdfs.enabled", "true");
    configuration.set("dfs.permissions.enabled", "true");
    configuration.set("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", "5");
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(configuration, directory)
        .numDataNodes(1)
        .format(!new File(directory, "name-0-1").exists())
        .nameNodeHttpPort(Integer.parseInt(arguments[1]))
        .build();
    cluster.waitActive();
    System.out.println("serving");
    while (System.in.read() >= 0) {}
    Runtime.getRuntime().halt(0);
  }
}
`;

/** A directory of a real HDFS on this machine, which asks who may do what. */
export async function startHdfs(): Promise<TormentedStorage> {
  const jars = process.env[HDFS_JARS];
  if (jars === undefined || !existsSync(jars) || spawnSync('java', ['-version']).status !== 0) {
    throw new StorageAbsent(`${HDFS_JARS} names no directory with the jars of HDFS, or no java`);
  }
  const directory = await mkdtemp(join(tmpdir(), 'torment-hdfs-'));
  const source = join(directory, 'TormentedHdfs.java');
  await writeFile(source, SOURCE);
  await mkdir(join(directory, 'data'));
  const [address = ''] = await freeAddresses(1);
  const port = `${parseAddress(address).port}`;
  const opening = '--add-opens=java.base/java.lang=ALL-UNNAMED';
  const server = await ServerProcess.start({
    file: 'java',
    arguments: [opening, '-cp', join(jars, '*'), source, join(directory, 'data'), port],
    directory,
    serving,
  });
  const { username } = userInfo();
  const query = `op=MKDIRS&permission=755&user.name=${username}`;
  const made = await fetch(`http://127.0.0.1:${port}/webhdfs/v1${PLACE}?${query}`, {
    method: 'PUT',
  });
  if (!made.ok) throw new Error(`no directory in HDFS: ${await made.text()}`);
  const driver = new WebHdfsDriver('webhdfs');
  const uri = `webhdfs://127.0.0.1:${port}${PLACE}`;
  const open = () => driver.open(uri, {}, undefined);
  return {
    name: 'hdfs',
    driver,
    uri,
    options: {},
    environment: {},
    troubles: [
      { name: 'server killed', begin: () => server.kill(), end: () => server.start() },
      {
        name: 'server held',
        begin: async () => server.hold(),
        end: async () => server.release(),
      },
    ],
    open,
    async contents() {
      await using storage = await open();
      return await listedContents(storage);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

async function serving({ stdout }: ChildProcess, ended: AbortSignal): Promise<void> {
  if (stdout === null) throw new Error('HDFS was started without pipes');
  for await (const line of createInterface({ input: stdout })) if (line === 'serving') return;
  ended.throwIfAborted();
  throw new Error('HDFS says nothing more and does not serve');
}
