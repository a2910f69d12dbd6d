import { Command } from 'commander';
import { type ByteClient, type ListingOptions, refusal } from '../../client/byte-client.js';
import { type MountStatus, mountStatus } from '../../client/mount-status.js';
import { InodeAppError } from '../../errors.js';
import type { Operation } from '../../namespace/operations/operation-table.js';
import type { Freshness } from '../../namespace/queries/freshness.js';
import { type ByteString, textFromByteString } from '../../namespace/tree/byte-string.js';
import { type Inode, InodeType } from '../../namespace/tree/inode.js';
import { argumentBytes, argumentPath, namesDirectory } from '../arguments.js';
import {
  addConnectionOptions,
  type ConnectionOptions,
  connectWith,
} from '../connection-options.js';
import { ExitCode } from '../exit-code.js';
import { argumentSyncInterval } from '../mounts/mount-arguments.js';
import { Output } from '../output.js';
import { errorText, type Report, reporting } from '../report.js';
import { Terminal } from '../terminal.js';

const TIMEOUT_SECONDS = 10;

export interface FsOptions extends ConnectionOptions {
  readonly escaped?: boolean;
  /** Of commands that only read: how old what is known of a storage may be, milliseconds. */
  readonly sync?: string;
  /** Of commands that only read. */
  readonly stale?: boolean;
}

/** A path as it was typed. */
export interface PathArgument {
  readonly path: ByteString;
  /** Whether a slash at its end asks for a directory. */
  readonly directory: boolean;
}

/** What a file-system command works with. */
export class FsSession {
  /** How fresh answers about mounts have to be. */
  readonly fresh: Freshness;
  /** How directories are listed; on a terminal one sees that one comes in for the first time. */
  readonly listing: ListingOptions;
  #mounts: Promise<readonly MountStatus[]> | undefined;

  constructor(
    readonly client: ByteClient,
    readonly output: Output,
    readonly report: Report,
    readonly options: FsOptions,
  ) {
    const { sync, stale } = options;
    this.fresh = {
      syncIntervalMs: sync === undefined ? undefined : argumentSyncInterval(sync),
      stale: stale === true ? true : undefined,
    };
    const terminal = new Terminal(process.stderr);
    const onComingIn = (underWay: InodeAppError | undefined) =>
      terminal.status(underWay === undefined ? '' : errorText(underWay));
    this.listing = { fresh: this.fresh, onComingIn };
  }

  get json(): boolean {
    return this.options.json === true;
  }

  /** A path argument; throws what is wrong with it. */
  path(text: string): PathArgument {
    const escaped = this.options.escaped === true;
    return {
      path: argumentPath(text, escaped),
      directory: namesDirectory(argumentBytes(text, escaped)),
    };
  }

  /**
   * Does the same with each path, and goes on after a refusal. Without an answer from the cluster
   * it does not: it would wait as long for each.
   */
  async each(
    paths: readonly string[],
    work: (argument: PathArgument) => Promise<void>,
  ): Promise<void> {
    for (const argument of paths.map((text) => this.path(text))) {
      await this.attempt(() => work(argument));
    }
  }

  /** Reports a refusal of the work; whatever else goes wrong ends the command. */
  async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.report.refusal(error);
    }
  }

  /** What is at a path. Throws a refusal, also when a slash at its end asks for a directory. */
  async status({ path, directory }: PathArgument): Promise<Inode> {
    const inode = await this.client.getStatus(path, undefined, this.fresh);
    if (directory && inode.type !== InodeType.Directory) throw refusal(['NOT_A_DIRECTORY', path]);
    return inode;
  }

  /** The mount of this id, asked for once for all; undefined where it is none any more. */
  async mount(id: number): Promise<MountStatus | undefined> {
    this.#mounts ??= this.client.mounts().then((mounts) => mounts.map(mountStatus));
    return (await this.#mounts).find((mount) => mount.id === id);
  }

  /**
   * Carries out one operation and tells programs what came of it; throws a refusal. Whoever reads
   * may go: what was asked for is done all the same.
   */
  async run(operation: Operation, argument: PathArgument): Promise<void> {
    if (argument.directory && operation.kind !== 'mkdir') await this.status(argument);
    const id = await this.client.runOne(operation);
    if (this.json) await this.output.note({ path: textFromByteString(argument.path), id });
  }

  /** Carries out an operation for each path, as `each` does. */
  runEach(paths: readonly string[], operationAt: (path: ByteString) => Operation): Promise<void> {
    return this.each(paths, (argument) => this.run(operationAt(argument.path), argument));
  }
}

function isRefusal(error: unknown): error is InodeAppError {
  return (
    error instanceof InodeAppError &&
    error.outcome === 'definite' &&
    error.code !== 'UNAVAILABLE' &&
    error.code !== 'ARGUMENT_INVALID'
  );
}

/** A command of `inode-app fs`; `action` gets the arguments as one list. */
export function fsCommand<Options extends FsOptions>(
  nameAndArguments: string,
  description: string,
  action: (session: FsSession, paths: readonly string[], options: Options) => Promise<void>,
): Command {
  const [name, ...args] = nameAndArguments.split(' ');
  const command = addConnectionOptions(new Command(name), TIMEOUT_SECONDS)
    .description(description)
    .arguments(args.join(' '))
    .option('--escaped', 'paths are typed as they are printed: \\\\, \\n, \\xff');
  return command.action(() => {
    const options = command.opts<Options>();
    return reporting(options.json, async (report) => {
      const output = new Output(process.stdout);
      await using client = connectWith(options);
      try {
        await action(new FsSession(client, output, report, options), command.args, options);
      } finally {
        await output.flush();
      }
      return ExitCode.Ok;
    });
  });
}
