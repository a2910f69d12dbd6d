import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer of any status; a string is sent as it is. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly body: unknown;
}

export type NameNodeScript = (
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
) => ScriptedAnswer | undefined;

/** What stands for a NameNode, and answers as a test wants. */
export class ScriptedNameNode implements AsyncDisposable {
  /** `METHOD OPERATION` of each request, in order. */
  readonly seen: string[] = [];
  readonly address: string;
  readonly #server: Server;

  private constructor(server: Server, script: NameNodeScript) {
    this.#server = server;
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      const query = new URL(request.url ?? '', 'http://any').searchParams;
      this.seen.push(`${request.method} ${query.get('op')}`);
      const answer = script(query, request, response);
      if (answer === undefined) return;
      response.statusCode = answer.status ?? 200;
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  }

  /** A script that answers with nothing does so itself, or never. */
  static async open(script: NameNodeScript): Promise<ScriptedNameNode> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedNameNode(server, script);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

/** A failure as Hadoop tells it. */
export function remoteFailure(status: number, exception: string, message = ''): ScriptedAnswer {
  return {
    status,
    body: { RemoteException: { exception, javaClassName: `org.${exception}`, message } },
  };
}

/** A FileStatus. */
export function fileStatus(pathSuffix: string, type = 'FILE'): Readonly<Record<string, unknown>> {
  return {
    pathSuffix,
    type,
    length: type === 'FILE' ? 5 : 0,
    modificationTime: 1_700_000_000_000,
    fileId: 16_400,
    permission: '644',
    owner: 'alice',
    group: 'staff',
  };
}
