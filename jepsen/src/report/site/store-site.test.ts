import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreSite } from './store-site.js';

const TIMES = ['2026-01-02T03.04.05.678Z', '2026-02-02T03.04.05.678Z', '2026-03-02T03.04.05.678Z'];
const [FIRST = '', SECOND = '', THIRD = ''] = TIMES;

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

describe('StoreSite', () => {
  let outside = '';
  let store = '';
  let site: StoreSite;

  beforeEach(async () => {
    outside = mkdtempSync(join(tmpdir(), 'jepsen-site-'));
    store = join(outside, 'store');
    writeFileSync(join(outside, 'secret'), 'secret');
    write(`register-etcd/${FIRST}/results.json`, '{"verdict":"valid"}');
    write(`register-etcd/${FIRST}/report.html`, '<h1>report</h1>');
    write(`register-etcd/${FIRST}/history.ndjson`, '{}\n');
    write(`register-etcd/${FIRST}/n1/log.log`, '<script>no page</script>');
    write(`set-etcd/${SECOND}/results.json`, '{"verdict":"invalid"}');
    write(`set-etcd/${THIRD}/history.ndjson`, '');
    symlinkSync(FIRST, join(store, 'register-etcd', 'latest'));
    site = await StoreSite.open({ store, host: '127.0.0.1', port: 0 });
  });
  afterEach(async () => {
    await site[Symbol.asyncDispose]();
    rmSync(outside, { recursive: true });
  });

  function write(file: string, content: string): void {
    mkdirSync(join(store, file, '..'), { recursive: true });
    writeFileSync(join(store, file), content);
  }

  /** Sends the path as it is, dots and all. */
  function ask(
    path: string,
    method = 'GET',
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const { port, hostname } = new URL(site.address);
    return new Promise((resolve, reject) => {
      const asked = request({ host: hostname, port, path, method, headers }, async (response) => {
        const body = await text(response);
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
      asked.on('error', reject).end();
    });
  }

  it('lists tests with their verdicts, the newest first, and links to what they have', async () => {
    const { status, body, headers } = await ask('/');
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const rows = [...body.matchAll(/<tr><td>.*?<\/tr>/g)].map(([row]) => row);
    expect(rows.map((row) => TIMES.find((time) => row.includes(time)))).toEqual([
      THIRD,
      SECOND,
      FIRST,
    ]);
    expect(rows[0]).toContain('not finished');
    expect(rows[1]).toContain('<span class="badge invalid">invalid</span>');
    const links = [...(rows[2] ?? '').matchAll(/href="([^"]*)"/g)].map(([, link = '']) => link);
    expect(links).toHaveLength(4);
    for (const link of links) expect((await ask(link)).status, link).toBe(200);
  });

  it('shows reports in a world of their own, logs as text, and downloads the rest', async () => {
    const report = await ask(`/register-etcd/${FIRST}/report.html`);
    expect(report.body).toBe('<h1>report</h1>');
    expect(report.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(
        /^sandbox allow-scripts allow-downloads; default-src 'none'/,
      ),
    });
    const log = await ask('/register-etcd/latest/n1/log.log');
    expect(log.body).toBe('<script>no page</script>');
    expect(log.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/^sandbox;/),
    });
    const history = await ask(`/register-etcd/${FIRST}/history.ndjson`);
    expect(history).toMatchObject({
      body: '{}\n',
      headers: { 'content-disposition': 'attachment; filename="history.ndjson"' },
    });
  });

  it('lists a directory, and leads to it where the slash is missing', async () => {
    const moved = await ask(`/register-etcd/${FIRST}?x`);
    expect(moved).toMatchObject({ status: 301, headers: { location: `./${FIRST}/` } });
    const { body } = await ask(`/register-etcd/${FIRST}/`);
    const links = [...body.matchAll(/<li><a href="([^"]*)"/g)].map(([, link]) => link);
    expect(links).toEqual(['./n1/', './history.ndjson', './report.html', './results.json']);
  });

  it('gives nothing that is not in the store', async () => {
    symlinkSync(join(outside, 'secret'), join(store, 'link'));
    symlinkSync(outside, join(store, 'up'));
    symlinkSync('loop', join(store, 'loop'));
    mkdirSync(join(outside, 'store-beside'));
    writeFileSync(join(outside, 'store-beside', 'secret'), 'secret');
    symlinkSync(join(outside, 'store-beside'), join(store, 'beside'));
    execFileSync('mkfifo', [join(store, 'pipe')]);
    for (const path of [
      '/link',
      '/up/secret',
      '/up/',
      '/beside/secret',
      '/loop',
      '/pipe',
      '/../secret',
      '/register-etcd/../../secret',
      '/..%2fsecret',
      '/%2e%2e/secret',
      '/%2e%2e%2fsecret',
      '/register-etcd/..%5c..%5csecret',
      '/%00',
      '/%ff',
      '/%',
      `/${'a/'.repeat(100)}`,
      `/${'a'.repeat(300)}`,
      '//secret',
      'http://127.0.0.1/secret',
      join('/', outside, 'secret'),
    ]) {
      const { status, body } = await ask(path);
      expect(status, path).toBe(404);
      expect(body, path).not.toContain('>secret<');
    }
    expect((await ask(`/${'a'.repeat(5000)}`)).status).toBe(414);
  });

  it('follows a link that stays in the store', async () => {
    symlinkSync(`../set-etcd/${SECOND}`, join(store, 'register-etcd', 'other'));
    expect((await ask('/register-etcd/other/results.json')).body).toBe('{"verdict":"invalid"}');
  });

  it('can only be read', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      expect(await ask('/', method), method).toMatchObject({
        status: 405,
        headers: { allow: 'GET, HEAD' },
      });
    }
    const { status, headers, body } = await ask(`/register-etcd/${FIRST}/results.json`, 'HEAD');
    expect({ status, length: headers['content-length'], body }).toEqual({
      status: 200,
      length: '19',
      body: '',
    });
  });

  it('answers only to names of this machine, where it listens for this machine alone', async () => {
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:80']) {
      expect((await ask('/', 'GET', { host })).status, host).toBe(200);
    }
    for (const host of ['example.org', 'localhost.example.org', '10.0.0.1:80']) {
      expect((await ask('/', 'GET', { host })).status, host).toBe(421);
    }
  });

  it('shows names as text', async () => {
    write(`<img src=x>/${FIRST}/results.json`, '{"verdict":"<b>"}');
    write(`register-etcd/${FIRST}/"><img src=x>`, '');
    for (const path of ['/', `/register-etcd/${FIRST}/`]) {
      const { body } = await ask(path);
      expect(body, path).not.toContain('<img');
      expect(body, path).toContain('&lt;img src=x&gt;');
    }
  });

  it('ends although somebody is connected', async () => {
    const other = await StoreSite.open({ store, host: '127.0.0.1', port: 0 });
    const socket = createConnection(Number(new URL(other.address).port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const ended = new Promise((resolve) => socket.once('close', resolve).once('error', () => {}));
    socket.write('GET / HT');
    await other[Symbol.asyncDispose]();
    await ended;
  });

  it('says so where it can not listen', async () => {
    const port = Number(new URL(site.address).port);
    await expect(StoreSite.open({ store, host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringContaining('EADDRINUSE'),
    });
  });
});
