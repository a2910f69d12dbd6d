import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greetingLine } from '../channel/greeting-line.js';
import { eventually } from '../testing/eventually.js';
import { rpcCompliance } from '../testing/rpc-compliance.js';
import { nextUncaught } from '../testing/uncaught.js';
import { frameOf } from '../wire/frame-codec.js';
import { EMPTY_FRAME } from '../wire/frame-header.js';
import type { WireValue } from '../wire/wire-value.js';
import type { RpcConnection, RpcHandler, RpcServer } from './rpc.js';
import { rpcProtocol } from './rpc-protocol.js';
import { type RpcServerEvent, TcpRpcNetwork, type TcpRpcOptions } from './tcp-rpc.js';
import { echo, hello, open, sockets, stranger } from './tcp-rpc.test.support.js';

const maxFrameBytes = 256 * 1024;

describe('TcpRpcNetwork', () => {
  const createHome = async () => ({
    network: new TcpRpcNetwork({ maxFrameBytes }),
    anyAddress: '127.0.0.1:0',
    maxFrameBytes,
    remove: async () => {},
  });
  for (const { name, run } of rpcCompliance(createHome)) it(name, run);
});

async function serve(options: TcpRpcOptions = {}, handler: RpcHandler = echo) {
  const events: RpcServerEvent[] = [];
  const network = new TcpRpcNetwork({
    maxFrameBytes,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const server = await network.listen('127.0.0.1:0', handler);
  open.push(server);
  return { network, server, events };
}

async function client(network: TcpRpcNetwork, server: RpcServer): Promise<RpcConnection> {
  const connection = await network.connect(server.address);
  open.push(connection);
  return connection;
}

function frame(value: WireValue): Buffer {
  return frameOf(value, maxFrameBytes);
}

// A key __proto__ is not sent, so it can't be used to make a frame here.
const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));

const refused = expect.stringMatching(/^raft-ts-rpc\/2 refused: [^\n]+\n$/);

describe('a stranger at an RPC server', () => {
  it.each([
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex')],
    ['one wrong byte', 'x'],
    ['another version', 'raft-ts-rpc/1 hello\n'],
    ['another greeting', 'raft-ts-rpc/2 good morning\n'],
    ['a member', 'raft-ts-member/1 {}\n'],
    ['an endless line', `raft-ts-rpc/2 ${'x'.repeat(100_000)}`],
  ])('with %s is told so in one line and closed at once', async (_what, bytes) => {
    const { network, server, events } = await serve();
    const socket = await stranger(server.address);
    socket.write(bytes);
    expect(await text(socket)).toEqual(refused);
    await eventually('it is gone', () => server.connections === 0);
    expect(events).toEqual([expect.objectContaining({ type: 'rejected' })]);
    const connection = await client(network, server);
    expect(await connection.request(1, 'still here')).toBe('still here');
  });

  it('that says nothing is closed when the time to greet is over', async () => {
    const { server, events } = await serve({ greetingTimeoutMs: 20 });
    const silent = await stranger(server.address);
    const slow = await stranger(server.address);
    slow.write(hello.subarray(0, 5));
    expect(await text(silent)).toEqual(refused);
    expect(await text(slow)).toEqual(refused);
    expect(events).toHaveLength(2);
  });
});

describe('a client that sends what is no request', () => {
  const truncated = frame([1, 2, 'abc']);
  it.each([
    ['a frame over the limit', Buffer.from([1, 0xff, 0xff, 0xff, 0xff])],
    ['a frame of another format', Buffer.from([2, 1, 0, 0, 0, 1])],
    ['a frame that ends within a value', truncated.fill(truncated.length - 5, 0, 1)],
    ['garbage', Buffer.from([1, 3, 0, 0, 0, 0xc1, 0xc1, 0xc1])],
    ['no triple', frame([1, 2])],
    ['no array', frame({ id: 1 })],
    ['an id below 0', frame([-1, 1, null])],
    ['an id that is no number', frame(['1', 1, null])],
    ['a method over its range', frame([1, 65_536, null])],
    ['a method that is no whole number', frame([1, 0.5, null])],
  ])('%s is closed, and nobody else', async (_what, bytes) => {
    const { network, server, events } = await serve();
    const other = await client(network, server);
    const socket = await stranger(server.address);
    const received = text(socket).catch(() => '');
    socket.write(Buffer.concat([hello, bytes]));
    await eventually('it is closed', () => socket.destroyed);
    await received;
    expect(events).toEqual([expect.objectContaining({ type: 'rejected' })]);
    expect(await other.request(1, 'fine')).toBe('fine');
    await eventually('it is gone', () => server.connections === 1);
  });

  it('is survived whatever it sends', async () => {
    const { network, server } = await serve();
    const other = await client(network, server);
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
            fc.tuple(fc.nat(9), fc.nat(9), json).map(frame),
            json.map(frame),
          ),
          { maxLength: 5 },
        ),
        async (greets, parts) => {
          const socket = await stranger(server.address);
          socket.resume();
          if (greets) socket.write(hello);
          for (const part of parts) socket.write(part);
          socket.end();
          await eventually('it is closed', () => socket.destroyed);
          expect(await other.request(1, parts.length)).toBe(parts.length);
        },
      ),
      { numRuns: 100 },
    );
    await eventually('all are gone', () => server.connections === 1);
  });

  it('is understood however its requests are cut', async () => {
    const { server } = await serve();
    const bytes = Buffer.concat([hello, frame([1, 2, 'abc']), EMPTY_FRAME, frame([2, 2, ['d']])]);
    const expected = Buffer.concat([
      Buffer.from('raft-ts-rpc/2 welcome\n'),
      frame([1, 0, 'abc']),
      frame([2, 0, ['d']]),
    ]);
    for (let place = 1; place < bytes.length; place++) {
      const socket = await stranger(server.address);
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.write(bytes.subarray(0, place));
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(bytes.subarray(place));
      await eventually('both are answered', () => Buffer.concat(chunks).length >= expected.length);
      expect(Buffer.concat(chunks)).toEqual(expected);
      socket.destroy();
    }
  });
});

describe('a server of something else', () => {
  async function impostor(answer: (socket: Socket) => void): Promise<RpcServer> {
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.resume();
      answer(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    const close = async () => void server.close();
    return {
      address: `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`,
      connections: 0,
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  const welcome = greetingLine(rpcProtocol, 'welcome');

  it.each([
    ['answers as HTTP', (s: Socket) => s.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['hangs up', (s: Socket) => s.destroy()],
    ['never answers', () => {}],
    ['answers with a line without an end', (s: Socket) => s.write(welcome.repeat(99).slice(0, 20))],
  ])('that %s is RPC_NOT_SENT', async (_what, answer) => {
    const server = await impostor(answer);
    open.push(server);
    const network = new TcpRpcNetwork({ connectTimeoutMs: 200 });
    await expect(network.connect(server.address)).rejects.toMatchObject({ code: 'RPC_NOT_SENT' });
  });

  it.each([
    ['garbage', Buffer.from([1, 1, 0, 0, 0, 0xc1])],
    ['an answer to nothing', frame([99, 0, null])],
    ['an answer of no kind', frame([1, 2, null])],
    ['a failure without a code', frame([1, 1, null, 'message', null])],
    ['a result with more behind it', frame([1, 0, null, null])],
    ['no array', frame('text')],
  ])('that answers with %s closes the connection', async (_what, answer) => {
    const server = await impostor((socket) => {
      socket.once('data', () => {
        socket.write(welcome);
        // Nothing comes between the greeting and the request.
        socket.once('data', () => socket.write(answer));
      });
    });
    open.push(server);
    const connection = await client(new TcpRpcNetwork(), server);
    const request = connection.request(1, null);
    await expect(request).rejects.toMatchObject({ code: 'RPC_DISCONNECTED' });
    expect(connection.open).toBe(false);
  });
});

describe('the limits of RPC over TCP', () => {
  it('must be whole numbers above 0', () => {
    for (const maxConnections of [0, -1, 1.5, Number.NaN]) {
      expect(() => new TcpRpcNetwork({ maxConnections })).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID' }),
      );
    }
  });

  it('stop the reading of requests, without an error, while too many are in flight', async () => {
    const answers: (() => void)[] = [];
    const { network, server } = await serve({ maxInflightRequests: 10 }, (_m, body, responder) =>
      answers.push(() => responder.done(body)),
    );
    const connection = await client(network, server);
    const results: Promise<unknown>[] = [];
    for (let i = 0; i < 10; i++) results.push(connection.request(1, i));
    await eventually('the first arrive', () => answers.length === 10);
    for (let i = 10; i < 100; i++) results.push(connection.request(1, i));
    // Another connection's request comes later; what was to arrive before has arrived then.
    const other = await client(network, server);
    results.push(other.request(1, 'other'));
    await eventually('it arrives', () => answers.length > 10);
    expect(answers).toHaveLength(11);
    const answerAll = setInterval(() => {
      for (const answer of answers.splice(0)) answer();
    }, 1);
    try {
      expect(await Promise.all(results)).toEqual([...Array(100).keys(), 'other']);
    } finally {
      clearInterval(answerAll);
    }
  });

  it('close a connection whose client does not read its answers', async () => {
    const { network, server, events } = await serve(
      { maxQueuedBytes: 1024 * 1024 },
      (_method, _body, responder) => responder.done(Buffer.alloc(200 * 1024)),
    );
    const other = await client(network, server);
    const socket = await stranger(server.address);
    socket.pause();
    socket.write(hello);
    const before = process.memoryUsage().arrayBuffers;
    for (let id = 0; id < 2_000 && server.connections === 2; id++) {
      socket.write(frame([id, 1, null]));
      if (id % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('it is closed', () => server.connections === 1);
    expect(events).toEqual([
      expect.objectContaining({ reason: expect.stringContaining('does not read') }),
    ]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    expect(await other.request(1, null)).toHaveLength(200 * 1024);
  });

  it('refuse requests when too many wait for an answer, or too many bytes', async () => {
    const { server } = await serve({}, () => {});
    const few = await client(new TcpRpcNetwork({ maxPendingRequests: 2 }), server);
    const waiting = [few.request(1, 'a'), few.request(1, 'b')].map((request) =>
      expect(request).rejects.toMatchObject({ code: 'RPC_DISCONNECTED' }),
    );
    await expect(few.request(1, 'c')).rejects.toMatchObject({ code: 'RPC_NOT_SENT' });
    const small = await client(new TcpRpcNetwork({ maxQueuedBytes: 1_000 }), server);
    const sent = expect(small.request(1, 'x'.repeat(1_000))).rejects.toMatchObject({
      code: 'RPC_DISCONNECTED',
    });
    await expect(small.request(1, 'y')).rejects.toMatchObject({ code: 'RPC_NOT_SENT' });
    await server.close();
    await Promise.all([...waiting, sent]);
  });
});

describe('a process', () => {
  const module = JSON.stringify(new URL('./tcp-rpc.js', import.meta.url).href);

  async function run(shell: string, script: string): Promise<string> {
    const child = spawn('bash', [
      '-c',
      `${shell} exec "$0" --input-type=module -e "$1"`,
      process.execPath,
      script,
    ]);
    child.stderr.pipe(process.stderr);
    return await text(child.stdout);
  }

  it('ends by itself once servers and connections are closed', async () => {
    const output = await run(
      '',
      `const { TcpRpcNetwork } = await import(${module});
       const network = new TcpRpcNetwork();
       const server = await network.listen('127.0.0.1:0', (m, b, responder) => m === 1 && responder.done(b));
       const connection = await network.connect(server.address, AbortSignal.timeout(60_000));
       await connection.request(1, 'a');
       const failed = connection.request(2, 'b').catch((error) => error.code);
       await connection.close();
       await server.close();
       console.log(await failed);`,
    );
    expect(output).toBe('RPC_DISCONNECTED\n');
  });

  it('survives that it may open no more files, and accepts again later', async () => {
    const output = await run(
      'ulimit -n 64;',
      `const { TcpRpcNetwork } = await import(${module});
       const { connect } = await import('node:net');

       const network = new TcpRpcNetwork({ connectTimeoutMs: 30_000, maxConnections: 100 });
       const server = await network.listen('127.0.0.1:0', (m, b, responder) => responder.done(b));
       const port = server.address.split(':')[1];
       const first = await network.connect(server.address);
       const sockets = [];
       let failures = 0;
       for (let i = 0; i < 100; i++) {
         const socket = connect(port, '127.0.0.1');
         socket.on('error', () => failures++);
         sockets.push(socket);
         await new Promise((resolve) => setTimeout(resolve, 1));
       }
       while (failures === 0) await new Promise((resolve) => setTimeout(resolve, 1));
       console.log(await first.request(1, 'still'));
       for (const socket of sockets) socket.destroy();
       while (server.connections > 1) await new Promise((resolve) => setTimeout(resolve, 1));
       const second = await network.connect(server.address);
       console.log(await second.request(1, 'again'));
       await first.close();
       await second.close();
       await server.close();`,
    );
    expect(output).toBe('still\nagain\n');
  });
});

it('a server goes on though whoever listens for its events throws', async () => {
  const handler: RpcHandler = (method, body, responder) => {
    if (method === 0) throw new Error('of the handler');
    responder.done(body);
  };
  const onEvent = ({ type }: RpcServerEvent) => {
    throw new Error(`told of ${type}`);
  };
  const { network, server } = await serve({ onEvent }, handler);
  const connection = await client(network, server);
  const ofHandler = nextUncaught();
  await expect(connection.request(0, null)).rejects.toThrow('INTERNAL');
  expect(await ofHandler).toMatchObject({ message: 'told of handler-failed' });
  const ofStranger = nextUncaught();
  (await stranger(server.address)).write('x');
  expect(await ofStranger).toMatchObject({ message: 'told of rejected' });
  await eventually('the stranger has gone', () => server.connections === 1);
  expect(await connection.request(1, 'served')).toBe('served');
});
