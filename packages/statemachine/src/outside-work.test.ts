import { MemoryRpcNetwork, type WireValue } from '@raft-ts/net';
import { eventually } from '@raft-ts/net/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReplicatedClient } from './client/client.js';
import type { QueryOptions } from './client/client-options.js';
import { StateMachineError } from './errors.js';
import type { OutsideWork, Prepared } from './service/outside/outside-work.js';
import { TestCluster } from './test-cluster.test.support.js';

const rpc = new MemoryRpcNetwork();
let cluster: TestCluster;
let client: ReplicatedClient;
let outsides: Map<number, Outside>;

/** What one member does outside: by default nothing takes time. */
class Outside implements OutsideWork<unknown, unknown> {
  prepare: OutsideWork<unknown, unknown>['prepare'] = () => undefined;
  settle: OutsideWork<unknown, unknown>['settle'] = () => undefined;
  ready: OutsideWork<unknown, unknown>['ready'] = () => undefined;
  led: number | undefined;

  leads(term: number | undefined): void {
    this.led = term;
  }
}

beforeEach(async () => {
  outsides = new Map([1, 2, 3].map((id) => [id, new Outside()]));
  cluster = await TestCluster.start({ rpc, outside, service: { network: rpc } });
  await eventually('a leader that all know', () => {
    const leader = cluster.leader();
    const known = cluster.ids.map((id) => cluster.service(id).status().replica?.leader);
    return leader !== undefined && known.every((id) => id === leader);
  });
  client = connect(cluster.ids);
});

afterEach(async () => {
  await client.close();
  await cluster[Symbol.asyncDispose]();
});

function outside(id: number): Outside {
  const found = outsides.get(id);
  if (found === undefined) throw new Error(`there is no member ${id}`);
  return found;
}

function connect(ids: readonly number[]): ReplicatedClient {
  return new ReplicatedClient({
    addresses: ids.map((id) => cluster.addresses.get(id) ?? ''),
    network: rpc,
    timeoutMs: 3_600_000,
    random: () => 0,
  });
}

function roles() {
  const leader = cluster.leader() ?? 0;
  const follower = cluster.ids.find((id) => id !== leader) ?? 0;
  return { leader, follower };
}

it('is told who leads, and in which term', () => {
  const { leader, follower } = roles();
  expect(outside(leader).led).toBe(cluster.service(leader).status().replica?.term);
  expect(outside(follower).led).toBeUndefined();
});

/** Only the leader answers queries of this key. */
function leaderAnswers(key: string) {
  const asked: number[] = [];
  for (const [id, one] of outsides) {
    one.ready = (query) => {
      if (!Array.isArray(query) || query[1] !== key) return undefined;
      asked.push(id);
      if (id === cluster.leader()) return Promise.resolve('by the leader');
      return Promise.reject(new StateMachineError('NOT_LEADER', 'the leader knows'));
    };
  }
  return asked;
}

const CONSISTENCIES: readonly QueryOptions[] = [
  { readFrom: 'any' },
  { consistency: 'local' },
  { consistency: { maxStaleMs: 60_000 } },
];

describe('a query that only the leader can answer', () => {
  it('goes on from any member to the leader, and others stay where they are', async () => {
    const { leader, follower } = roles();
    const asked = leaderAnswers('outside');
    await using near = connect([follower, ...cluster.ids.filter((id) => id !== follower)]);
    for (const options of CONSISTENCIES) {
      expect(await near.query(['get', 'outside'], options)).toBe('by the leader');
      expect(asked.splice(0)).toEqual([follower, leader]);
      expect(await near.query(['get', 'inside'], options)).toBe(null);
    }
  });

  it('goes there from the process of a member, too', async () => {
    const { leader, follower } = roles();
    const asked = leaderAnswers('outside');
    for (const { consistency = 'linearizable' } of CONSISTENCIES) {
      const service = cluster.service(follower);
      expect(await service.query(['get', 'outside'], { consistency })).toBe('by the leader');
      expect(asked.splice(0)).toEqual([follower, leader]);
      expect(await service.query(['get', 'inside'], { consistency })).toBe(null);
    }
    // What this member can't answer for a moment is asked for here again, though others are known by now.
    const tried: number[] = [];
    for (const [id, one] of outsides) {
      one.ready = () => {
        if (tried.push(id) > 1) return undefined;
        return Promise.reject(new StateMachineError('UNAVAILABLE', 'in a moment'));
      };
    }
    await cluster.service(follower).query(['get', 'inside'], { consistency: 'local' });
    expect(tried).toEqual([follower, follower]);
    leaderAnswers('outside');
    const ofLeader = await cluster.service(leader).query(['get', 'outside']);
    expect(ofLeader).toBe('by the leader');
  });
});

describe('a command whose leader goes', () => {
  it('while it is settled is settled by the next one, and took effect once', async () => {
    const { leader } = roles();
    for (const one of outsides.values()) {
      one.settle = async (_command, result) => ['settled', result];
    }
    const settling: WireValue[] = [];
    outside(leader).settle = (_command, result) => {
      settling.push(result);
      return new Promise(() => {});
    };
    const answer = client.command(['add', 'k', 1]);
    await eventually('settling', () => settling.length > 0);
    await cluster.stop(leader);
    expect(await answer).toEqual(['settled', 1]);
    expect(settling).toEqual([1]);
    expect(await client.query(['get', 'k'])).toBe(1);
  });

  it('while it is prepared is prepared by the next one', async () => {
    const { leader } = roles();
    let prepared = 0;
    for (const one of outsides.values()) {
      one.prepare = async () => {
        prepared++;
        return { release: () => {} };
      };
    }
    let ended: unknown;
    outside(leader).prepare = (_command, { signal }) =>
      new Promise<Prepared>((_, reject) => {
        signal.addEventListener('abort', () => {
          ended = signal.reason;
          reject(new Error('ended'));
        });
        prepared++;
      });
    const answer = client.command(['add', 'k', 1]);
    await eventually('preparing', () => prepared > 0);
    await cluster.stop(leader);
    expect(await answer).toBe(1);
    expect(ended).toMatchObject({ code: 'STOPPED' });
    expect(prepared).toBe(2);
  });

  it('again and again takes effect once, and what was prepared is let go of once', async () => {
    const held = new Map<number, number>();
    let prepared = 0;
    for (const one of outsides.values()) {
      one.prepare = async () => {
        const id = ++prepared;
        await new Promise(setImmediate);
        held.set(id, 0);
        return { release: () => held.set(id, (held.get(id) ?? 0) + 1) };
      };
      one.settle = async (_command, result) => {
        await new Promise(setImmediate);
        return result;
      };
    }
    const results: WireValue[] = [];
    let running = true;
    const load = Array.from({ length: 8 }, async () => {
      while (running) results.push(await client.command(['add', 'counter', 1]));
    });
    for (let round = 0; round < 3; round++) {
      const before = results.length;
      await eventually('results', () => results.length > before + 20);
      const { leader } = roles();
      await cluster.stop(leader);
      await eventually('another leader', () => (cluster.leader() ?? leader) !== leader);
      await cluster.start(leader);
    }
    running = false;
    await Promise.all(load);
    expect(new Set(results).size).toBe(results.length);
    expect(await client.query(['get', 'counter'])).toBe(results.length);
    expect([...held.values()].filter((times) => times !== 1)).toEqual([]);
  });
});

it('what is refused outside is the answer, and nothing else has an effect', async () => {
  for (const one of outsides.values()) one.prepare = async () => ({ answer: ['refused'] });
  expect(await client.command(['add', 'k', 1])).toEqual(['refused']);
  expect(await cluster.service(roles().follower).command(['add', 'k', 1])).toEqual(['refused']);
  expect(await client.query(['get', 'k'])).toBe(null);
});
