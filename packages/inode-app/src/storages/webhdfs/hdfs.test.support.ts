import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sendContent } from '../testing/send-content.js';

/**
 * Names the directory with the jars of HDFS, as Maven brings them, by `hdfs.test.pom.xml`:
 * `mvn -q -f hdfs.test.pom.xml dependency:copy-dependencies -DoutputDirectory=DIRECTORY`.
 */
export const HDFS_JARS = 'HDFS_JARS';

/** A NameNode and a DataNode in one process, which ends with its standard input. */
const SOURCE = `
import java.io.File;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

public class HdfsCluster {
  public static void main(String[] arguments) throws Exception {
    File directory = new File(arguments[0]);
    Configuration configuration = new Configuration();
    configuration.set("dfs.webhdfs.enabled", "true");
    configuration.set("dfs.permissions.enabled", arguments[2]);
    // A writer that asks too early whether its block is known waits for so long.
    configuration.set("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", "5");
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(configuration, directory)
        .numDataNodes(1)
        .format(!new File(directory, "name-0-1").exists())
        .nameNodeHttpPort(Integer.parseInt(arguments[1]))
        .build();
    cluster.waitActive();
    System.out.println("serving " + cluster.getNameNode().getHttpAddress().getPort());
    for (int command; (command = System.in.read()) >= 0; ) {
      boolean enter = command == 's';
      cluster.getFileSystem().setSafeMode(
          enter ? org.apache.hadoop.fs.SafeModeAction.ENTER : org.apache.hadoop.fs.SafeModeAction.LEAVE);
      System.out.println("done");
    }
    Runtime.getRuntime().halt(0);
  }
}
`;

/** Where the jars are; undefined where they or Java are absent. */
export function findHdfs(environment: NodeJS.ProcessEnv): string | undefined {
  const jars = environment[HDFS_JARS];
  if (jars === undefined || !existsSync(jars)) return undefined;
  return spawnSync('java', ['-version']).status === 0 ? jars : undefined;
}

export interface HdfsOptions {
  readonly jars: string;
  /** Whether it asks who may do what. */
  readonly permissions: boolean;
  /** Kept; a temporary one, removed at the end, where not given. */
  readonly directory?: string;
  /** Of the NameNode, over HTTP; any by default. */
  readonly port?: number;
}

/** A real HDFS on this machine. This process's user is its superuser. */
export class HdfsCluster implements AsyncDisposable {
  /** `127.0.0.1:PORT` of WebHDFS. */
  readonly address: string;
  readonly #process: ChildProcess;
  readonly #temporary: string;

  private constructor(port: string, process: ChildProcess, temporary: string) {
    this.address = `127.0.0.1:${port}`;
    this.#process = process;
    this.#temporary = temporary;
  }

  static async start({
    jars,
    permissions,
    directory,
    port = 0,
  }: HdfsOptions): Promise<HdfsCluster> {
    const temporary = await mkdtemp(join(tmpdir(), 'hdfs-'));
    const source = join(temporary, 'HdfsCluster.java');
    const data = directory ?? join(temporary, 'data');
    await writeFile(source, SOURCE);
    await mkdir(data, { recursive: true });
    const java = spawn(
      'java',
      [
        '--add-opens=java.base/java.lang=ALL-UNNAMED',
        '-cp',
        join(jars, '*'),
        source,
        data,
        String(port),
        String(permissions),
      ],
      { cwd: temporary, stdio: ['pipe', 'pipe', 'ignore'] },
    );
    for await (const line of createInterface({ input: java.stdout })) {
      const [, served] = /^serving ([0-9]+)$/.exec(line) ?? [];
      if (served === undefined) continue;
      java.stdout.resume();
      return new HdfsCluster(served, java, temporary);
    }
    await rm(temporary, { recursive: true });
    throw new Error(`HDFS does not start from ${jars}`);
  }

  /** Asks it as its superuser. Resolves with the answer's text. */
  async ask(method: string, path: string, query: string): Promise<string> {
    const response = await fetch(this.#url(path, query), { method });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} ${query}: ${text}`);
    return text;
  }

  /** Has it refuse changes, or take them again. */
  async safeMode(isOn: boolean): Promise<void> {
    const { stdin, stdout } = this.#process;
    if (stdin === null || stdout === null) throw new Error('HDFS was started without pipes');
    const done = once(stdout, 'data');
    stdin.write(isOn ? 's' : 'l');
    await done;
  }

  /** Makes or replaces a file, and the directories above it. */
  async write(path: string, content: string): Promise<void> {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    const url = this.#url(encoded, 'op=CREATE&overwrite=true&permission=644');
    await sendContent(url, 'PUT', content);
  }

  #url(path: string, query: string): string {
    return `http://${this.address}/webhdfs/v1${path}?${query}&user.name=${userInfo().username}`;
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    await rm(this.#temporary, { recursive: true });
  }
}
