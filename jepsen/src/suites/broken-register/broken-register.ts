import { fileURLToPath } from 'node:url';
import {
  type CallInput,
  type Client,
  type ClientAnswer,
  type ClientCallOptions,
  DefiniteFailure,
  type Json,
  type Suite,
} from '../../index.js';

const SERVICE = fileURLToPath(new URL('service.js', import.meta.url));

/** Asks one member, over HTTP. */
class RegisterClient implements Client {
  readonly member: number;
  readonly #url: string;

  constructor(member: number, address: string) {
    this.member = member;
    this.#url = `http://${address}/`;
  }

  async invoke(input: CallInput, { signal }: ClientCallOptions): Promise<ClientAnswer> {
    try {
      const body = JSON.stringify(input);
      const response = await fetch(this.#url, { method: 'POST', body, signal });
      const output: Json = JSON.parse(await response.text());
      return { output };
    } catch (error) {
      // What was asked of a member that does not listen, or only read, changed nothing: that is certain.
      if (input.kind === 'read' || isRefused(error))
        throw new DefiniteFailure('NO_ANSWER', `${error}`);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}

/** A register over several processes that acknowledges too early. Any test of it should find that out. */
export const suite: Suite = {
  name: 'broken-register',
  about:
    'a register that acknowledges a write before the other members have it: caught without any fault',
  database: {
    name: 'broken-register',
    ports: ['http'],
    command: ({ id, host, ports }, members) => ({
      file: process.execPath,
      args: [
        SERVICE,
        `${host}:${ports.http}`,
        ...members.flatMap((other) => (other.id === id ? [] : (other.peerAddresses.http ?? []))),
      ],
    }),
    async isServing({ clientAddresses }, signal) {
      const response = await fetch(`http://${clientAddresses.http}/`, { signal });
      return response.ok;
    },
  },
  clients: {
    async register({ members, process }) {
      const member = members[process % members.length];
      if (member === undefined) throw new RangeError('there are no members');
      return new RegisterClient(member.id, member.clientAddresses.http ?? '');
    },
  },
};
