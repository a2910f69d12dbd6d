import type { HttpHandler, HttpResponse } from '@raft-ts/net';
import { expect, it } from 'vitest';
import { Coverage } from '../coverage.js';
import { MachineClock } from '../machine-clock.js';
import { VirtualProcess } from '../process.js';
import { Random } from '../random.js';
import { VirtualTime } from '../time.js';
import { HttpExchange, VirtualHttpClient } from './http.js';
import { VirtualNetwork } from './network.js';

const BODY = Buffer.from('0123456789'.repeat(100));

/** A client at machine 1 and a server at machine 2. */
function machines(handler: HttpHandler) {
  const time = new VirtualTime();
  const random = new Random(7);
  const coverage = new Coverage();
  const options = { delayMs: 5, lateRate: 0 };
  const network = new VirtualNetwork(time, random.fork('network'), options, coverage);
  const [near, far] = [1, 2].map((node) => {
    const process = new VirtualProcess(`${node}`, time, new MachineClock(time));
    network.attach(node, process);
    return process;
  });
  if (near === undefined || far === undefined) throw new Error('two machines');
  const faults: unknown[] = [];
  const exchange = new HttpExchange({
    network,
    cutting: { maxPieces: 3, random: random.fork('cuts'), onCut: () => {} },
    coverage,
    random: random.fork('http'),
    sliceBytes: 64,
    patienceMs: 500,
    onFault: (error) => faults.push(error),
  });
  exchange.listen('server:2', 2, far, handler);
  const client = new VirtualHttpClient(1, near, exchange);
  /** What becomes of a request, after so much time. */
  async function ask(address: string, untilMs = 60_000): Promise<string> {
    let outcome = 'nothing';
    const asking = async () => {
      const answer = await client.request(address, { path: '/a?b=1' });
      return `${answer.status} ${(await answer.body()).toString()}`;
    };
    asking().then(
      (text) => {
        outcome = text;
      },
      (error: Error) => {
        outcome = error.message;
      },
    );
    await time.run(time.nowMs + untilMs, () => false);
    return outcome;
  }
  return { ask, exchange, network, far, faults };
}

async function* slowly(pieces: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < pieces; i++) yield BODY.subarray(i * 100, (i + 1) * 100);
}

const whole = async (): Promise<HttpResponse> => ({
  status: 200,
  headers: { 'content-length': `${BODY.length}` },
  body: slowly(10),
});

it('brings an answer as it was sent, in slices', async () => {
  const { ask, faults } = machines(whole);
  expect(await ask('server:2')).toBe(`200 ${BODY}`);
  expect(faults).toEqual([]);
});

it('refuses where nobody listens, and gives up what is silent', async () => {
  const { ask, network } = machines(whole);
  expect(await ask('server:3')).toContain('nobody listens there');
  network.block(1, 2, 'hold');
  expect(await ask('server:2')).toContain('nothing came for 500 ms');
});

it('breaks off with its server, and where a body is shorter than it was said', async () => {
  const { ask, far } = machines(async () => ({
    status: 200,
    headers: { 'content-length': '1000' },
    body: slowly(3),
  }));
  // That it broke may come late.
  expect(await ask('server:2')).toMatch(/the connection broke|nothing came/);
  far.end();
  expect(await ask('server:2')).toContain('nobody listens there');
});

it('flips bits where it is told to', async () => {
  const { ask, exchange } = machines(whole);
  const end = exchange.damage(2, 1);
  const damaged = await ask('server:2');
  expect(damaged).toContain('200');
  expect(damaged).not.toBe(`200 ${BODY}`);
  end();
  expect(await ask('server:2')).toBe(`200 ${BODY}`);
});

it('tells a handler that fails, and not what the disk reports', async () => {
  const disk = Object.assign(new Error('EIO'), { syscall: 'read' });
  for (const [error, told] of [
    [disk, 0],
    [new Error('a bug'), 1],
  ] as const) {
    const { ask, faults } = machines(() => Promise.reject(error));
    expect(await ask('server:2')).toMatch(/the connection broke|nothing came/);
    expect(faults).toHaveLength(told);
  }
});
