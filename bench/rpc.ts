/**
 * Requests a second between two processes over one connection, for several numbers of requests
 * outstanding: `node bench/dist/rpc.js [seconds]`. The server answers at once with a small value.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TcpRpcNetwork } from '@raft-ts/net';
import { runBench, wholeNumbers } from './usage.js';

const HELP = `Usage: node bench/dist/rpc.js [seconds = 3]

Measures requests a second between two processes over one connection.
`;
const SERVER = 'server';
const OUTSTANDING = [1, 16, 128, 1_024];
const WARM_UP_SECONDS = 0.5;

interface Reading {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function serve(): Promise<void> {
  const server = await new TcpRpcNetwork().listen('127.0.0.1:0', (_method, _body, responder) =>
    responder.done([1, 'ok']),
  );
  process.send?.(server.address);
  process.once('disconnect', () => void server.close());
}

async function measure(address: string, outstanding: number, seconds: number): Promise<Reading> {
  await using connection = await new TcpRpcNetwork().connect(address);
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1_000;
  const start = performance.now();
  const worker = async (number: number) => {
    for (let i = 0; performance.now() < end; i++) {
      const sent = performance.now();
      await connection.request(1, [
        `part-${number}-${i}.parquet`,
        420,
        'user',
        'group',
        12_345 + i,
      ]);
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: outstanding }, (_, number) => worker(number)));
  const elapsed = performance.now() - start;
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.floor(latencies.length * q)] ?? Number.NaN;
  return {
    requestsPerSecond: Math.round((latencies.length / elapsed) * 1_000),
    p50Ms: Number(quantile(0.5).toFixed(3)),
    p99Ms: Number(quantile(0.99).toFixed(3)),
  };
}

async function main({ seconds }: { readonly seconds: number }): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), [SERVER]);
  const address = await new Promise<string>((resolve) => child.once('message', resolve));
  try {
    await measure(address, 128, WARM_UP_SECONDS);
    const readings: Record<string, Reading> = {};
    for (const outstanding of OUTSTANDING) {
      readings[outstanding] = await measure(address, outstanding, seconds);
    }
    console.table(readings);
  } finally {
    child.disconnect();
  }
}

if (process.argv[2] === SERVER) await serve();
else await runBench(HELP, (args) => wholeNumbers(args, { seconds: 3 }), main);
