import { type Clock, MemoryRpcNetwork } from '@raft-ts/net';
import { afterEach, beforeEach } from 'vitest';
import { ReplicatedClient } from './client.js';
import type { ClientOptions } from './client-options.js';
import { FakeMembers } from './fake-members.test.support.js';

export const ADDRESSES: readonly string[] = ['one:1', 'two:2', 'three:3'];

/** Of the test that runs: `two:2` leads. */
export let network: MemoryRpcNetwork;
export let members: FakeMembers;
export let client: ReplicatedClient;

/** A clock whose time passes when a test says so: no deadline comes before what has to come first. */
export class HeldClock implements Clock {
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  #nowMs = 0;

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  afterInput(callback: () => void): () => void {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const timer of this.#timers) {
      if (timer.atMs > this.#nowMs) continue;
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}

/** Takes the place of `client`. */
export function connect(options: Partial<ClientOptions> = {}): ReplicatedClient {
  client = new ReplicatedClient({
    addresses: ADDRESSES,
    network,
    // A test that waits for an answer gets it, however long this machine takes.
    timeoutMs: 3_600_000,
    silenceMs: 60,
    leaderWaitMs: 100,
    ...options,
  });
  return client;
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A rejection's code and outcome. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    (value) => `resolved ${JSON.stringify(value)}`,
    (error: { code: string; outcome: string }) => `${error.code} ${error.outcome}`,
  );
}

beforeEach(async () => {
  network = new MemoryRpcNetwork();
  members = new FakeMembers(network);
  await members.start(...ADDRESSES);
  members.lead('two:2');
  connect();
});

afterEach(async () => {
  await client.close();
  await members[Symbol.asyncDispose]();
});
