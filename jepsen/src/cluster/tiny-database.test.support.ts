import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Database } from './database.js';
import type { MemberPlace } from './member.js';

const FILE = fileURLToPath(import.meta.url);

/** Where a socket leads: `host:port`. */
export type Address = string;

export function connectTo(address: Address): Socket {
  const at = address.lastIndexOf(':');
  return connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
}

/** Sends one line and gives what is answered, or the code of the error, or `ended` where nothing is. */
export async function ask(address: Address, line: string): Promise<string> {
  const socket = connectTo(address);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  let failure: string | undefined;
  socket.on('error', (error) => {
    failure = 'code' in error ? String(error.code) : error.message;
  });
  socket.write(`${line}\n`);
  await once(socket, 'close').catch(() => undefined);
  if (failure !== undefined) return failure;
  return answer === '' ? 'ended' : answer.trim();
}

/** Members that answer lines, one a connection. */
export const tinyDatabase: Database = {
  name: 'tiny',
  ports: ['talk'],
  command: (member) => ({
    file: process.execPath,
    args: [FILE, member.host, `${member.ports.talk}`],
    environment: { TINY_NAME: member.name },
  }),
  isServing: async (member) => (await ask(talkTo(member), 'ping')).startsWith(member.name),
};

/** Where clients reach it. */
export function talkTo(member: MemberPlace): Address {
  return member.clientAddresses.talk ?? '';
}

async function answer(line: string): Promise<string> {
  const [verb = '', argument = ''] = line.split(' ');
  switch (verb) {
    case 'ping':
      return `${process.env.TINY_NAME} ${process.pid}`;
    case 'ask':
      return await ask(argument, 'ping');
    case 'environment':
      return process.env[argument] ?? 'none';
    case 'exit':
      return process.exit(Number(argument));
    default:
      return 'what?';
  }
}

function serve(host: string, port: number): void {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    let heard = '';
    socket.setEncoding('utf8').on('data', async (text: string) => {
      heard += text;
      if (heard.includes('\n')) socket.end(await answer(heard.trim()));
    });
  });
  server.on('error', (error) => {
    console.error(`no port: ${error.message}`);
    process.exit(3);
  });
  server.listen({ host, port });
}

if (process.argv[1] === FILE) serve(process.argv[2] ?? '', Number(process.argv[3]));
