import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { JepsenError } from '../../errors.js';
import { listDirectory, listTests } from './listed-tests.js';
import { directoryPage, failurePage, PAGE_POLICY, testsPage } from './pages.js';
import { openStored, storedEntry } from './stored-file.js';

export interface StoreSiteOptions {
  readonly store: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

const MAX_CONNECTIONS = 64;
/** For a request's head to arrive, and for a connection that carries nothing. */
const HEAD_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;
const MAX_ADDRESS_LETTERS = 4096;

/**
 * A report is shown: it runs its own scripts, and may reach nothing else of this site. The policy in
 * the report itself says more exactly which.
 */
const REPORT_POLICY =
  "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; frame-ancestors 'none'";
const TEXT_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'";

const TEXT = 'text/plain; charset=utf-8';
/** Files that a browser shows; any other is downloaded. */
const SHOWN_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.json': TEXT,
  '.log': TEXT,
  '.txt': TEXT,
};

/** Shows a store in a browser: the list of its tests, and what is in them. It only reads. */
export class StoreSite implements AsyncDisposable {
  /** Where it is, such as `http://127.0.0.1:8080/`. */
  readonly address: string;
  readonly #server: Server;

  private constructor(server: Server, address: string) {
    this.#server = server;
    this.address = address;
  }

  /** Resolves once it listens. Rejects with OPTIONS_INVALID where it can't. */
  static async open({ store, host, port }: StoreSiteOptions): Promise<StoreSite> {
    const server = createServer({
      headersTimeout: HEAD_TIMEOUT_MS,
      requestTimeout: HEAD_TIMEOUT_MS,
      keepAliveTimeout: HEAD_TIMEOUT_MS,
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.setTimeout(IDLE_TIMEOUT_MS);
    const isOwnHost = hostCheck(host);
    server.on('request', (request, response) => {
      void answer(store, isOwnHost, request, response);
    });
    try {
      server.listen(port, host);
      await once(server, 'listening');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new JepsenError('OPTIONS_INVALID', `can't listen on ${host}, port ${port}: ${reason}`);
    }
    return new StoreSite(server, addressOf(server, host));
  }

  /** Resolves once every connection has ended; a download in the middle is cut off. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

function addressOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * Whether a request names this site. A site that is for this machine alone would otherwise answer pages
 * of others, whose names lead to this machine for that purpose.
 */
function hostCheck(listening: string): (header: string | undefined) => boolean {
  if (!LOOPBACK.test(listening)) return () => true;
  return (header) => LOOPBACK.test((header ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'));
}

async function answer(
  store: string,
  isOwnHost: (header: string | undefined) => boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cache-Control', 'no-store');
  try {
    const refusal = refusalOf(request, isOwnHost);
    if (refusal === undefined) await answerPath(store, request, response);
    else sendPage(request, response, refusal.status, failurePage(refusal.status, refusal.reason));
  } catch (error) {
    if (response.headersSent) response.destroy();
    else {
      const reason = error instanceof JepsenError ? error.message : 'This file can not be read.';
      sendPage(request, response, 500, failurePage(500, reason));
    }
  }
}

interface Refusal {
  readonly status: number;
  readonly reason: string;
}

function refusalOf(
  { method, url = '', headers }: IncomingMessage,
  isOwnHost: (header: string | undefined) => boolean,
): Refusal | undefined {
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, reason: 'This site can only be read: GET and HEAD.' };
  }
  if (!isOwnHost(headers.host)) {
    return { status: 421, reason: 'This site answers to addresses of this machine alone.' };
  }
  if (url.length > MAX_ADDRESS_LETTERS) return { status: 414, reason: 'This address is too long.' };
  return undefined;
}

async function answerPath(
  store: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pathname = (request.url ?? '/').replace(/[?#].*$/s, '');
  if (pathname === '/') {
    const { shown, left } = await listTests(store);
    sendPage(request, response, 200, testsPage(shown, left));
    return;
  }
  const entry = pathname.startsWith('/') ? await storedEntry(store, pathname) : undefined;
  if (entry === undefined) sendMissing(request, response);
  else if (entry.kind === 'file') await sendFile(entry.path, request, response);
  else if (!pathname.endsWith('/')) {
    // Links of the list, and of reports, are relative to the directory. Its last name is enough: what
    // begins with two slashes would be another site.
    const name = pathname.split('/').at(-1) ?? '';
    response.writeHead(301, { Location: `./${name}/` }).end();
  } else {
    const { shown, left } = await listDirectory(entry.path);
    sendPage(request, response, 200, directoryPage(pathname, shown, left));
  }
}

function sendMissing(request: IncomingMessage, response: ServerResponse): void {
  sendPage(request, response, 404, failurePage(404, 'There is no such file.'));
}

function sendPage(
  { method }: IncomingMessage,
  response: ServerResponse,
  status: number,
  page: string,
): void {
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  // What a refused request still sends is not waited for.
  if (status >= 400) response.setHeader('Connection', 'close');
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(page),
    'Content-Security-Policy': PAGE_POLICY,
  });
  response.end(method === 'HEAD' ? undefined : page);
}

async function sendFile(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const opened = await openStored(path);
  if (opened === undefined) return sendMissing(request, response);
  await using file = opened.file;
  const type = SHOWN_TYPES[extname(path)];
  response.writeHead(200, {
    'Content-Type': type ?? 'application/octet-stream',
    'Content-Length': opened.bytes,
    'Content-Security-Policy': extname(path) === '.html' ? REPORT_POLICY : TEXT_POLICY,
    ...(type === undefined ? { 'Content-Disposition': dispositionOf(path) } : {}),
  });
  if (request.method === 'HEAD' || opened.bytes === 0) {
    response.end();
    return;
  }
  // A file that is still written may have grown: no more is sent than was said.
  const stream = file.createReadStream({ start: 0, end: opened.bytes - 1, autoClose: false });
  await pipeline(stream, response);
}

/** A name with other letters is left to the browser, which takes it from the address. */
function dispositionOf(path: string): string {
  const name = basename(path);
  return /^[\w.-]+$/.test(name) ? `attachment; filename="${name}"` : 'attachment';
}
