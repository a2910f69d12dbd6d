import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Storage, StorageOptions } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { firstPage } from '../testing/storage-bench.js';
import { s3Driver } from './s3-driver.js';

const SECRET = 'secret-for-tests';
const signal = new AbortController().signal;

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** A server that answers as a test says, and remembers what it was asked. */
async function serve(
  answer: (asked: Asked) => Answer | 'never' | undefined,
  options: StorageOptions = {},
): Promise<{ storage: Storage; asked: Asked[] }> {
  const asked: Asked[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://server');
    const { method = '', headers } = request;
    const question = { method, url, headers, body: await text(request) };
    asked.push(question);
    const given = answer(question);
    if (given === 'never') return;
    if (given === undefined) {
      request.socket.destroy();
      return;
    }
    response.writeHead(given.status, given.headers);
    response.end(given.body);
  };
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  const endpoint = `http://127.0.0.1:${address.port}`;
  const storage = await s3Driver.open(
    's3://bucket',
    { endpoint, pathStyle: 'true', ...options },
    { accessKeyId: 'access-for-tests', secretAccessKey: SECRET },
  );
  onTestFinished(async () => {
    await storage.close();
    server.closeAllConnections();
    server.close();
  });
  return { storage, asked };
}

function failure(status: number, code: string): Answer {
  return {
    status,
    body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${SECRET}\n</Message></Error>`,
  };
}

function listing(keys: readonly string[], more = ''): Answer {
  const contents = keys.map(
    (key) =>
      `<Contents><Key>${key}</Key><Size>1</Size><ETag>"e"</ETag><LastModified>2026-01-02T03:04:05.678Z</LastModified></Contents>`,
  );
  return {
    status: 200,
    body: `<?xml version="1.0"?><ListBucketResult>${contents.join('')}${more}</ListBucketResult>`,
  };
}

const FILE: Answer = {
  status: 200,
  headers: {
    ETag: '"e"',
    'Content-Length': '1',
    'Last-Modified': 'Fri, 02 Jan 2026 03:04:05 GMT',
  },
};
const NOTHING: Answer = { status: 404 };

async function errorOf(call: Promise<unknown>): Promise<StorageError> {
  const error = await call.then(
    () => undefined,
    (reason) => reason,
  );
  if (!(error instanceof StorageError)) throw new Error(`No StorageError: ${error}`);
  expect(error.message).not.toMatch(/\n/);
  expect(JSON.stringify(error) + error.message + String(error.cause)).not.toMatch(
    /secret-for-tests|Signature=|Credential=/,
  );
  return error;
}

describe('answers of S3', () => {
  it.each([
    [404, 'NoSuchBucket', 'NOT_FOUND'],
    [403, 'AccessDenied', 'FORBIDDEN'],
    [401, 'Unauthorized', 'FORBIDDEN'],
    [400, 'ExpiredToken', 'FORBIDDEN'],
    [403, 'SignatureDoesNotMatch', 'FORBIDDEN'],
    [301, 'PermanentRedirect', 'INVALID'],
    [400, 'AuthorizationHeaderMalformed', 'INVALID'],
    [400, 'KeyTooLongError', 'UNSUPPORTED'],
    [501, 'NotImplemented', 'UNSUPPORTED'],
    [429, 'TooManyRequests', 'BUSY'],
    [503, 'SlowDown', 'BUSY'],
    [503, 'ServiceUnavailable', 'BUSY'],
    [500, 'InternalError', 'FAILED'],
    [502, 'BadGateway', 'UNREACHABLE'],
    [504, 'GatewayTimeout', 'UNREACHABLE'],
    [507, 'InsufficientStorage', 'FULL'],
  ] as const)('%i %s means %s', async (status, code, meaning) => {
    const { storage, asked } = await serve(() => failure(status, code));
    expect((await errorOf(storage.stat('', signal))).code).toBe(meaning);
    // Nobody here tries again.
    expect(asked).toHaveLength(1);
  });

  it('that are none, or broken, are UNREACHABLE', async () => {
    const none = await serve(() => undefined);
    expect((await errorOf(none.storage.stat('', signal))).code).toBe('UNREACHABLE');
    const broken = await serve(() => ({ status: 200, body: '<html><title></html>' }));
    expect((await errorOf(broken.storage.stat('', signal))).code).toBe('UNREACHABLE');
  });

  it('are to signed requests, unless nobody is to be named', async () => {
    const signed = await serve(() => listing([]));
    await signed.storage.stat('', signal);
    expect(signed.asked[0]?.headers.authorization).toContain('access-for-tests');
    const unsigned = await serve(() => listing([]), { anonymous: 'true' });
    await unsigned.storage.stat('', signal);
    expect(unsigned.asked).toHaveLength(1);
    expect(unsigned.asked[0]?.headers.authorization).toBeUndefined();
  });

  it('to a HEAD that is forbidden are no absence', async () => {
    const { storage } = await serve(({ method }) =>
      method === 'HEAD' ? { status: 403 } : listing([]),
    );
    expect((await errorOf(storage.stat('f', signal))).code).toBe('FORBIDDEN');
  });

  it('a caller that gives up ends the request', async () => {
    const controller = new AbortController();
    const reason = new Error('given up');
    const { storage } = await serve(() => {
      controller.abort(reason);
      return NOTHING;
    });
    await expect(storage.stat('f', controller.signal)).rejects.toBe(reason);
  });

  it('that do not come end with a caller that gives up, and with a close', async () => {
    const { storage, asked } = await serve(() => 'never');
    const controller = new AbortController();
    const reason = new Error('given up');
    const given = storage.stat('', controller.signal);
    const open = firstPage(storage.list('', signal));
    while (asked.length < 2) await setImmediate();
    controller.abort(reason);
    await expect(given).rejects.toBe(reason);
    await storage.close();
    expect((await errorOf(open)).code).toBe('UNREACHABLE');
  });

  it('have the same time of a file in both ways', async () => {
    const { storage } = await serve(({ method }) => (method === 'HEAD' ? FILE : listing(['f'])));
    const stat = await storage.stat('f', signal);
    expect(stat?.modifiedMs).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
    for await (const page of storage.list('', signal)) expect(page.entries).toEqual([stat]);
  });

  it('without an ETag have a fingerprint of time and size', async () => {
    const { storage } = await serve(() => ({
      status: 200,
      headers: { 'Content-Length': '7', 'Last-Modified': 'Fri, 02 Jan 2026 03:04:05 GMT' },
    }));
    const entry = await storage.stat('f', signal);
    expect(entry?.fingerprint).toBe(`${Date.UTC(2026, 0, 2, 3, 4, 5)}-7`);
  });

  it('in pages may be empty and go on, and must go on', async () => {
    const next = (token: string) =>
      `<IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>`;
    const whole = await serve(({ url }) =>
      url.searchParams.has('continuation-token') ? listing(['f']) : listing([], next('t')),
    );
    const names: string[] = [];
    for await (const { entries } of whole.storage.list('', signal)) {
      names.push(...entries.map(({ name }) => name));
    }
    expect(names).toEqual(['f']);
    const stuck = await serve(() => listing(['f'], next('t')));
    const drain = async () => {
      for await (const _ of stuck.storage.list('', signal));
    };
    expect((await errorOf(drain())).code).toBe('FAILED');
    expect(stuck.asked).toHaveLength(2);
  });

  it('a server that knows no condition is asked without, from then on', async () => {
    const { storage, asked } = await serve(({ method, headers }) => {
      if (method === 'HEAD') return NOTHING;
      if (method === 'GET') return listing([]);
      return headers['if-none-match'] === undefined
        ? { status: 200 }
        : failure(501, 'NotImplemented');
    });
    await storage.makeDirectory('a', signal);
    await storage.makeDirectory('b', signal);
    const puts = asked.filter(({ method }) => method === 'PUT');
    expect(puts.map(({ url, headers }) => [url.pathname, headers['if-none-match']])).toEqual([
      ['/bucket/a/', '*'],
      ['/bucket/a/', undefined],
      ['/bucket/b/', undefined],
    ]);
  });

  it('a directory that somebody makes in the same moment is told', async () => {
    const { storage } = await serve(({ method }) => {
      if (method === 'HEAD') return NOTHING;
      return method === 'GET' ? listing([]) : failure(412, 'PreconditionFailed');
    });
    expect((await errorOf(storage.makeDirectory('a', signal))).code).toBe('ALREADY_EXISTS');
  });

  it('a batch tells of the keys that stay, and has the checksum that old servers want', async () => {
    const { storage, asked } = await serve(({ method }) => {
      if (method === 'HEAD') return NOTHING;
      if (method === 'GET') return listing(['d/f', 'd/g']);
      return {
        status: 200,
        body: '<DeleteResult><Error><Key>d/g</Key><Code>AccessDenied</Code></Error></DeleteResult>',
      };
    });
    const error = await errorOf(storage.remove('d', { recursive: true }, signal));
    expect(error.code).toBe('FORBIDDEN');
    expect(error.message).toContain('d/g');
    expect(asked.at(-1)?.headers['content-md5']).toMatch(/^.{22}==$/);
  });

  it('a server without batches deletes one by one', async () => {
    const { storage, asked } = await serve(({ method }) => {
      if (method === 'HEAD') return NOTHING;
      if (method === 'GET') return listing(['d/f', 'd/g']);
      return method === 'POST' ? failure(501, 'NotImplemented') : { status: 204 };
    });
    await storage.remove('d', { recursive: true }, signal);
    const deleted = asked.filter(({ method }) => method === 'DELETE');
    expect(deleted.map(({ url }) => url.pathname)).toEqual(['/bucket/d/f', '/bucket/d/g']);
  });

  it.each([
    ['is another', '"e"'],
    ['is that of parts', '"e-2"'],
    ['is missing', undefined],
  ])('a copy whose ETag %s is marked, so that it is known again', async (_, etag) => {
    const { ETag, ...others } = FILE.headers ?? {};
    const source = { ...FILE, headers: etag === undefined ? others : { ...others, ETag: etag } };
    const copied = (etag: string) => ({
      status: 200,
      body: `<CopyObjectResult><ETag>"${etag}"</ETag></CopyObjectResult>`,
    });
    const there = new Map<string, Record<string, string>>();
    const { storage, asked } = await serve(({ method, url, headers }) => {
      if (method === 'GET') return listing([]);
      if (url.pathname === '/bucket/f' && method === 'HEAD') return source;
      if (method === 'HEAD') {
        const metadata = there.get(url.pathname);
        return metadata === undefined
          ? NOTHING
          : { ...FILE, headers: { ...FILE.headers, ETag: '"other"', ...metadata } };
      }
      if (method === 'DELETE') return { status: 204 };
      const mark = headers['x-amz-meta-inode-app-copy-of'];
      there.set(
        url.pathname,
        typeof mark === 'string' ? { 'x-amz-meta-inode-app-copy-of': mark } : {},
      );
      return copied('other');
    });
    await storage.copy('f', 'g', {}, signal);
    await storage.copy('f', 'g', {}, signal);
    expect(asked.filter(({ method }) => method === 'PUT')).toHaveLength(1);
    expect(await storage.removeCopied('f', 'g', {}, signal)).toBe(0);
  });

  it('a marker is one whatever its ETag, and is made anew where it goes', async () => {
    const marker = (key: string): Answer => ({
      status: 200,
      body: `<ListBucketResult><Contents><Key>${key}</Key><Size>0</Size><ETag>"of ${key}"</ETag></Contents></ListBucketResult>`,
    });
    let isCopied = false;
    const { storage, asked } = await serve(({ method, url }) => {
      if (method === 'HEAD') return NOTHING;
      if (method === 'POST') return { status: 200, body: '<DeleteResult></DeleteResult>' };
      if (method === 'PUT') isCopied = true;
      if (method === 'PUT') return { status: 200 };
      const prefix = url.searchParams.get('prefix') ?? '';
      return prefix === 'd/' || isCopied ? marker(prefix) : listing([]);
    });
    await storage.copy('d', 'e', {}, signal);
    await storage.copy('d', 'e', {}, signal);
    expect(await storage.removeCopied('d', 'e', {}, signal)).toBe(0);
    const puts = asked.filter(({ method }) => method === 'PUT');
    expect(puts.map(({ url }) => url.pathname)).toEqual(['/bucket/e/']);
    expect(puts[0]?.headers['x-amz-copy-source']).toBeUndefined();
  });
});
