import { getEventListeners, once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.js';
import { HttpClient } from './http-client.js';
import {
  type HttpHandler,
  HttpServer,
  type HttpServerEvent,
  type HttpServerOptions,
} from './http-server.js';

const ANY_PORT = '127.0.0.1:0';

let server: HttpServer | undefined;
let client = new HttpClient();
const events: HttpServerEvent[] = [];

async function serve(handler: HttpHandler, options: HttpServerOptions = {}): Promise<string> {
  events.length = 0;
  client = new HttpClient();
  server = await HttpServer.open(ANY_PORT, handler, {
    ...options,
    onEvent: (event) => events.push(event),
  });
  return server.address;
}

afterEach(async () => {
  await client.close();
  await server?.close();
  server = undefined;
});

/** What the server answers to bytes that no client of ours would send. */
async function raw(address: string, text: string): Promise<string> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  socket.end(text);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'close');
  return answer;
}

/** Chunks of 64 KiB without end; counts what becomes of it. */
function endless() {
  const seen = { chunks: 0, ended: 0, disposed: 0 };
  const body = async function* () {
    try {
      for (;;) {
        seen.chunks++;
        yield Buffer.alloc(64 * 1024);
      }
    } finally {
      seen.ended++;
    }
  };
  const response = () => ({
    status: 200,
    body: body(),
    [Symbol.asyncDispose]: async () => {
      seen.disposed++;
    },
  });
  return { seen, response };
}

describe('HTTP', () => {
  it('carries requests and answers', async () => {
    const address = await serve(async (request) => ({
      status: 201,
      headers: { 'x-seen': `${request.method} ${request.path} ${request.query.get('a')}` },
      body: Buffer.concat([Buffer.from(`${request.headers['x-sent']} `), await request.body()]),
    }));
    const answer = await client.request(address, {
      method: 'POST',
      path: '/some%20path?a=b%20c',
      headers: { 'x-sent': 'header' },
      body: Buffer.from('body'),
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['x-seen']).toBe('POST /some%20path b c');
    expect((await answer.body()).toString()).toBe('header body');
  });

  it('keeps a connection, also after an answer without body and one to HEAD', async () => {
    const { seen, response } = endless();
    const address = await serve(({ method }) => (method === 'HEAD' ? response() : { status: 204 }));
    for (const method of ['GET', 'HEAD', 'GET'] as const) {
      const answer = await client.request(address, { method, path: '/' });
      expect((await answer.body()).byteLength).toBe(0);
    }
    expect(server?.connections).toBe(1);
    await eventually('the body is given up', () => seen.disposed === 1);
    expect(seen.chunks).toBe(0);
  });

  it('asks for chunks as the client takes them, and ends them when it goes away', async () => {
    const { seen, response } = endless();
    const address = await serve(response);
    const answer = await client.request(address, { path: '/' });
    const chunks = answer.chunks();
    for (let i = 0; i < 20; i++) await chunks.next();
    await answer[Symbol.asyncDispose]();
    await eventually('it ends', () => seen.ended === 1 && seen.disposed === 1);
    // What sockets and streams hold, not what would fit into memory.
    expect(seen.chunks).toBeLessThan(500);
    expect(events).toEqual([]);
    await eventually('the connection is closed', () => server?.connections === 0);
  });

  it('breaks off a request at its signal, before and within the answer', async () => {
    const { seen, response } = endless();
    const aborted: unknown[] = [];
    const address = await serve(async ({ path, signal }) => {
      if (path === '/') return response();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted.push(signal.reason);
      return { status: 200 };
    });
    const reason = new Error('no longer wanted');
    const controller = new AbortController();
    const waiting = client.request(address, { path: '/slow', signal: controller.signal });
    const answer = await client.request(address, { path: '/', signal: controller.signal });
    const chunks = answer.chunks();
    await chunks.next();
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(
      (async () => {
        for await (const _ of chunks);
      })(),
    ).rejects.toBe(reason);
    await expect(client.request(address, { path: '/', signal: controller.signal })).rejects.toBe(
      reason,
    );
    await eventually('the handlers end', () => aborted.length === 1 && seen.disposed === 1);
    expect(aborted).toMatchObject([{ code: 'HTTP_FAILED' }]);
  });

  it('leaves nothing on a signal that outlives its requests', async () => {
    const address = await serve(({ path }) => ({ status: 200, body: Buffer.from(path) }));
    const { signal } = new AbortController();
    for (let i = 0; i < 20; i++) {
      await using answer = await client.request(address, { path: `/${i}`, signal });
      if (i % 2 === 0) await answer.body();
    }
    await expect(client.request('127.0.0.1:1', { path: '/', signal })).rejects.toThrow();
    await eventually('it is let go', () => getEventListeners(signal, 'abort').length === 0);
  });

  it('closes the connection where a body breaks off or is too short, and tells', async () => {
    const address = await serve(({ path }) => ({
      status: 200,
      headers: { 'content-length': '10' },
      body: (async function* () {
        yield Buffer.from('12345');
        if (path === '/throws') throw new Error('the disk is gone');
      })(),
    }));
    for (const path of ['/throws', '/short']) {
      const whole = client.request(address, { path }).then((answer) => answer.body());
      await expect(whole).rejects.toMatchObject({ code: 'HTTP_FAILED' });
    }
    expect(events.map(({ type }) => type)).toEqual(['handler-failed', 'handler-failed']);
  });

  it('answers 500 for a handler that throws, and goes on', async () => {
    const address = await serve(({ path }) => {
      if (path === '/bad') throw new Error('a fault');
      return { status: 200 };
    });
    const failed = await client.request(address, { path: '/bad' });
    expect(failed.status).toBe(500);
    expect(JSON.parse((await failed.body()).toString())).toMatchObject({ code: 'INTERNAL' });
    expect((await client.request(address, { path: '/good' })).status).toBe(200);
    expect(events).toMatchObject([{ type: 'handler-failed', path: '/bad' }]);
  });

  it('closes at once, and waits for what was under way', async () => {
    const { seen, response } = endless();
    const address = await serve(response);
    const answer = await client.request(address, { path: '/' });
    await server?.close();
    expect(seen).toMatchObject({ ended: 1, disposed: 1 });
    expect(server?.connections).toBe(0);
    await expect(answer.body()).rejects.toThrow();
    await expect(client.request(address, { path: '/' })).rejects.toMatchObject({
      code: 'HTTP_FAILED',
    });
    await server?.close();
  });

  it('refuses addresses that are none, or taken', async () => {
    const address = await serve(() => ({ status: 200 }));
    const unusable = { code: 'ADDRESS_UNUSABLE' };
    await expect(HttpServer.open(address, () => ({ status: 200 }))).rejects.toMatchObject(unusable);
    await expect(client.request('nowhere', { path: '/' })).rejects.toMatchObject(unusable);
  });
});

describe('HTTP limits:', () => {
  const ok = () => ({ status: 200 });

  it('headers', async () => {
    const address = await serve(ok, { maxHeaderBytes: 1024 });
    expect(await raw(address, `GET / HTTP/1.1\r\nx: ${'y'.repeat(2000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
    expect(await raw(address, 'no HTTP at all\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect((await client.request(address, { path: '/' })).status).toBe(200);
  });

  it('the time for headers', async () => {
    const address = await serve(ok, { headersTimeoutMs: 20 });
    const [host, port] = address.split(':');
    const socket = connect(Number(port), host);
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      answer += chunk;
    });
    socket.write('GET / HTTP/1.1\r\n');
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  it('a body', async () => {
    const address = await serve(async (request) => ({ status: 200, body: await request.body() }), {
      maxBodyBytes: 10,
    });
    const send = (bytes: number) =>
      client.request(address, { method: 'PUT', path: '/', body: Buffer.alloc(bytes) });
    expect((await send(10)).status).toBe(200);
    const tooLarge = await send(11);
    expect(tooLarge.status).toBe(413);
    expect(JSON.parse((await tooLarge.body()).toString())).toMatchObject({
      code: 'HTTP_TOO_LARGE',
    });
    expect((await send(10)).status).toBe(200);
  });

  it('an answer that is taken as a whole', async () => {
    const address = await serve(() => ({ status: 200, body: Buffer.alloc(11) }));
    await using small = new HttpClient({ maxBodyBytes: 10 });
    const answer = await small.request(address, { path: '/' });
    await expect(answer.body()).rejects.toMatchObject({ code: 'HTTP_TOO_LARGE' });
  });

  it('connections: while all are being answered, others are turned away', async () => {
    const { response } = endless();
    const address = await serve(response, { maxConnections: 2 });
    const first = await client.request(address, { path: '/' });
    await using second = await client.request(address, { path: '/' });
    const third = client.request(address, { path: '/' });
    await expect(third).rejects.toMatchObject({ code: 'HTTP_FAILED' });
    expect(events).toMatchObject([{ type: 'rejected', reason: 'too many connections' }]);
    await first[Symbol.asyncDispose]();
    await eventually('there is room', () => server?.connections === 1);
    await using again = await client.request(address, { path: '/' });
    expect([second.status, again.status]).toEqual([200, 200]);
  });

  it('connections: of those that ask nothing the first makes room for the last', async () => {
    const address = await serve(ok, { maxConnections: 2 });
    const [host, port] = address.split(':');
    const silent = async (text: string, connections: number) => {
      const socket = connect(Number(port), host).on('error', () => {});
      socket.write(text);
      await eventually('it is in', () => server?.connections === connections);
      return socket;
    };
    const first = await silent('', 1);
    const second = await silent('GET / HTTP/1.1\r\n', 2);
    const closed = once(first, 'close');
    expect((await client.request(address, { path: '/' })).status).toBe(200);
    await closed;
    expect(second.closed).toBe(false);
    expect(events).toMatchObject([
      { type: 'rejected', reason: 'it asked nothing, and others came' },
    ]);
    second.destroy();
  });

  it('who takes nothing is closed', async () => {
    const { seen, response } = endless();
    const address = await serve(response, { untakenTimeoutMs: 20 });
    const answer = await client.request(address, { path: '/' });
    await eventually('it is given up', () => seen.disposed === 1);
    expect(events).toMatchObject([{ type: 'rejected' }]);
    await answer[Symbol.asyncDispose]();
  });
});
