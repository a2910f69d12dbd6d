import type { RpcResponder } from '@raft-ts/net';
import { describe, expect, it } from 'vitest';
import { failure } from '../errors.js';
import { encodeStatus, type MemberStatus } from '../service/status/member-status.js';
import { ADDRESSES, client, connect, failureOf, members, until } from './client.test.support.js';
import { refuse } from './fake-members.test.support.js';

const STATUS: MemberStatus = {
  replica: undefined,
  stoppedBy: undefined,
  stopped: true,
  diskFull: false,
  pid: 1,
  clientAddresses: [],
  sessions: 0,
  savedResultBytes: 0,
  logTimeMs: 0,
  wallMs: 0,
  appliedIndex: 0,
  pendingRequests: 0,
  pendingQueries: 0,
  extra: null,
};

describe('single members', () => {
  it('are asked for their status', async () => {
    members.answerStatus = (address) => encodeStatus({ ...STATUS, stoppedBy: address });
    expect(await client.status('three:3')).toEqual({ ...STATUS, stoppedBy: 'three:3' });
    members.answerStatus = () => ({ pid: 1 });
    expect(await failureOf(client.status('three:3'))).toBe('ANSWER_INVALID definite');
    await members.stop('three:3');
    expect(await failureOf(client.status('three:3'))).toBe('UNAVAILABLE definite');
    members.hanging.add('one:1');
    expect(await failureOf(client.status('one:1', { timeoutMs: 30 }))).toBe('UNAVAILABLE definite');
    expect(await failureOf(client.status('one:1', { signal: AbortSignal.timeout(30) }))).toBe(
      'ABORTED definite',
    );
  });

  it('answer what is read from any, one as long as it serves, then the next', async () => {
    connect({ readFrom: 'any', random: () => 0.5 });
    const asked = async () => ((await client.query('q')) as string[])[0];
    members.lead('three:3');
    expect(await asked()).toBe('two:2');
    expect(await asked()).toBe('two:2');
    await members.stop('two:2');
    expect(await asked()).toBe('three:3');
    members.answerQuery = (address, responder) =>
      address === 'three:3' ? refuse(responder, 'NOT_LEADER') : responder.done([address]);
    expect(await asked()).toBe('one:1');
    members.hanging.add('one:1');
    members.answerQuery = (address, responder) => responder.done([address]);
    expect(await asked()).toBe('three:3');
    expect(members.commands).toEqual([]);
    expect(await client.command('a')).toBe('a');
    expect(members.commands[0]?.member).toBe('three:3');
  });

  it('send on to the leader what only that can answer, and the client waits for it there alone', async () => {
    connect({ readFrom: 'any', random: () => 0, maxOutstanding: 1 });
    const asked: string[] = [];
    members.answerQuery = (address, responder) => {
      asked.push(address);
      if (address === members.leader) responder.done(address);
      else responder.failed(failure('NOT_LEADER', 'follows', 'definite', members.leader));
    };
    for (let i = 0; i < 3; i++) expect(await client.query('q')).toBe('two:2');
    expect(asked).toEqual(['one:1', 'two:2', 'one:1', 'two:2', 'one:1', 'two:2']);
    members.answerQuery = (address, responder) => {
      if (address !== members.leader) {
        responder.failed(failure('NOT_LEADER', 'follows', 'definite', members.leader));
      }
    };
    const aborting = new AbortController();
    const given = client.query('q', { signal: aborting.signal });
    setTimeout(() => aborting.abort(), 5);
    expect(await failureOf(given)).toBe('ABORTED definite');
    members.answerQuery = undefined;
    expect(await client.query('q')).toEqual(['one:1', 'q']);
  });

  it('are asked in turn where one answers everything but the query', async () => {
    connect({ readFrom: 'any', random: () => 0 });
    const owing: RpcResponder[] = [];
    members.answerQuery = (address, responder) => {
      if (address === 'one:1') owing.push(responder);
      else responder.done([address]);
    };
    expect(await client.query('q')).toEqual(['two:2']);
    // What comes late is as good.
    members.answerQuery = (address, responder) => {
      owing.push(responder);
      if (address === 'three:3') owing[1]?.done('late');
    };
    expect(await client.query('q')).toBe('late');
  });

  it('keep a query when there is no other, and get no more copies than may be in flight', async () => {
    const asked: string[] = [];
    members.answerQuery = (address) => asked.push(address);
    connect({ readFrom: 'any', addresses: ['one:1'] });
    const alone = client.query('q', { timeoutMs: 400 });
    expect(await failureOf(alone)).toBe('DEADLINE_EXCEEDED definite');
    expect(asked).toEqual(['one:1']);
    await client.close();
    connect({ readFrom: 'any', maxInFlight: 2, random: () => 0 });
    const queries = ['a', 'b', 'c'].map((value) => client.query(value));
    await until(() => asked.length > 7);
    // What the first one owes is enough: the others owe nothing once they were left.
    expect(members.connections).toBe(1);
    expect(asked.slice(1, 7)).toEqual(['one:1', 'one:1', 'two:2', 'two:2', 'three:3', 'three:3']);
    members.answerQuery = (_address, responder) => responder.done('answer');
    expect(await Promise.all(queries)).toEqual(['answer', 'answer', 'answer']);
  });

  it('are chosen for each query, too', async () => {
    connect({ random: () => 0 });
    expect(await client.query('q')).toEqual(['two:2', 'q']);
    expect(await client.query('q', { readFrom: 'any' })).toEqual(['one:1', 'q']);
  });

  it('are asked again after a pause when none can answer', async () => {
    connect({ readFrom: 'any', minBackoffMs: 20 });
    let refusals = 0;
    members.answerQuery = (_address, responder) => {
      refusals++;
      refuse(responder, 'NOT_LEADER');
    };
    expect(await failureOf(client.query('q', { timeoutMs: 200 }))).toMatch(/definite$/);
    expect(refusals).toBeGreaterThan(3);
    expect(refusals).toBeLessThan(60);
  });

  it('answer local queries when nobody leads, whichever is there', async () => {
    connect({ random: () => 0 });
    members.leader = '';
    members.hanging.add('one:1');
    expect(await client.query('q', { consistency: 'local' })).toEqual(['two:2', 'q']);
    for (const address of ADDRESSES) await members.stop(address);
    const late = client.query('q', { consistency: 'local', timeoutMs: 50 });
    expect(await failureOf(late)).toBe('UNAVAILABLE definite');
  });
});
