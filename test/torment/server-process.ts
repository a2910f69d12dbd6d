import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a server is started. */
export interface ServerCommand {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly directory: string;
  /** Resolves once it serves; rejects when the signal is aborted, because it has ended. */
  readonly serving: (child: ChildProcess, ended: AbortSignal) => Promise<void>;
}

/** The server of a storage: it can be killed, held, and started again with what it keeps. */
export class ServerProcess implements AsyncDisposable {
  readonly #command: ServerCommand;
  #child: ChildProcess | undefined;

  private constructor(command: ServerCommand) {
    this.#command = command;
  }

  static async start(command: ServerCommand): Promise<ServerProcess> {
    const server = new ServerProcess(command);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const { file, arguments: args, directory, serving } = this.#command;
    const child = spawn(file, args, { cwd: directory, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child = child;
    const ended = new AbortController();
    const tellEnd = () => ended.abort(new Error(`${file} ended before it served`));
    child.once('error', (error) => ended.abort(error));
    child.once('exit', tellEnd);
    try {
      await serving(child, ended.signal);
    } catch (error) {
      await this.kill();
      throw error;
    }
    child.off('exit', tellEnd);
    child.stdout.resume();
  }

  /** As a loss of power does to a process. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** It answers nothing, and connections to it stay open. */
  hold(): void {
    this.#child?.kill('SIGSTOP');
  }

  release(): void {
    this.#child?.kill('SIGCONT');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
