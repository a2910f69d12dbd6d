import { MemoryRpcNetwork, type RpcResponder } from '@raft-ts/net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeStatus, type MemberStatus } from '../service/status/member-status.js';
import { ReplicatedClient } from './client.js';
import type { ClientOptions, ReadFrom } from './client-options.js';
import { FakeMembers, refuse } from './fake-members.test.support.js';

const ADDRESSES = ['one:1', 'two:2', 'three:3'];
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
  appliedIndex: 0,
  pendingRequests: 0,
  pendingQueries: 0,
  extra: null,
};

let network: MemoryRpcNetwork;
let members: FakeMembers;
let client: ReplicatedClient;

function connect(options: Partial<ClientOptions> = {}): ReplicatedClient {
  client = new ReplicatedClient({
    addresses: ADDRESSES,
    network,
    timeoutMs: 20_000,
    silenceMs: 60,
    leaderWaitMs: 100,
    ...options,
  });
  return client;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A rejection's code and outcome. */
async function failureOf(promise: Promise<unknown>): Promise<string> {
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

describe('finding the leader', () => {
  it('finds it wherever it is, and leaves the others alone', async () => {
    expect(await client.command('a')).toBe('a');
    expect(await client.query('q')).toEqual(['two:2', 'q']);
    expect(members.commands.map(({ member }) => member)).toEqual(['two:2']);
    await until(() => members.connections === 1);
  });

  it('finds it with only another, or dead, address in hand', async () => {
    await members.stop('three:3');
    connect({ addresses: ['three:3', 'one:1'] });
    expect(await client.command('a')).toBe('a');
  });

  it('waits for one to be elected', async () => {
    members.leader = '';
    const command = client.command('a');
    await until(() => members.connections === 3);
    members.lead('three:3');
    expect(await command).toBe('a');
  });

  it('ignores one that was replaced and does not know it', async () => {
    await client.command('a');
    members.lead('three:3');
    await members.stop('two:2');
    expect(await client.command('b')).toBe('b');
    const known = members.term;
    await members.start('two:2');
    members.answerFindLeader = (responder) => responder.done([true, known - 1, 1, 'two:2']);
    await members.stop('three:3');
    expect(await failureOf(client.command('c', { timeoutMs: 100 }))).toBe('UNAVAILABLE definite');
    members.answerFindLeader = undefined;
    members.lead('one:1');
    expect(await client.command('d')).toBe('d');
  });

  it('is not kept from it by one that was removed, and campaigns in higher and higher terms', async () => {
    members.answerFindLeader = (responder, address) => {
      if (address === 'one:1') responder.done([false, 99, 0, null]);
      else responder.done([address === 'two:2', 2, 2, 'two:2']);
    };
    expect(await client.command('a')).toBe('a');
  });

  it('is not led astray by answers that make no sense', async () => {
    for (const nonsense of [null, 7, [true], ['x', 'y', 'z', 7]]) {
      members.answerFindLeader = (responder) => responder.done(nonsense);
      expect(await failureOf(client.query('q', { timeoutMs: 60 }))).toMatch(/definite$|two:2/);
    }
    members.answerFindLeader = (responder) => refuse(responder, 'INVALID_REQUEST');
    await members.stop('two:2');
    expect(await failureOf(client.query('q', { timeoutMs: 60 }))).toBe('UNAVAILABLE definite');
  });
});

describe('a leader that fails', () => {
  it('and says so is left for the next one, with the same sequence', async () => {
    await client.command('a');
    members.answer = ({ responder }) => {
      members.answer = ({ value, responder: next }) => next.done(value);
      members.lead('one:1');
      refuse(responder, 'NOT_LEADER');
    };
    expect(await client.command('b')).toBe('b');
    expect(members.commands.map(({ member, sequence }) => [member, sequence])).toEqual([
      ['two:2', 1],
      ['two:2', 2],
      ['one:1', 2],
    ]);
  });

  it('and breaks the connection is left for the next one, with the same sequence', async () => {
    await client.command('a');
    members.answer = () => {
      members.answer = ({ value, responder }) => responder.done(value);
      void members.stop('two:2');
      members.lead('three:3');
    };
    expect(await client.command('b')).toBe('b');
    expect(members.commands.map(({ member, sequence }) => [member, sequence])).toEqual([
      ['two:2', 1],
      ['two:2', 2],
      ['three:3', 2],
    ]);
    expect(members.sessionsOpened).toBe(1);
  });

  it('and hangs is left for the next one', async () => {
    await client.command('a');
    members.hanging.add('two:2');
    const commands = Promise.all(['b', 'c'].map((value) => client.command(value)));
    const query = client.query('q');
    members.lead('one:1');
    expect(await commands).toEqual(['b', 'c']);
    expect(await query).toEqual(['one:1', 'q']);
  });

  it('and hangs while a session is opened is left for the next one', async () => {
    members.answerOpen = () => {
      members.answerOpen = undefined;
      members.hanging.add('two:2');
      members.lead('one:1');
    };
    expect(await client.command('a')).toBe('a');
  });

  it('and hangs after it had given up the lead keeps nothing back', async () => {
    await client.command('a');
    members.answer = ({ responder }) => {
      members.hanging.add('two:2');
      members.answer = ({ value, responder: next }) => next.done(value);
      members.lead('one:1');
      refuse(responder, 'NOT_LEADER');
    };
    const commands = ['b', 'c'].map((value) => client.command(value, { timeoutMs: 3000 }));
    expect(await Promise.all(commands)).toEqual(['b', 'c']);
  });

  it('and is only slow is not asked twice', async () => {
    members.answer = ({ value, responder }) => setTimeout(() => responder.done(value), 400);
    expect(await client.command('a')).toBe('a');
    expect(members.commands.length).toBe(1);
  });
});

describe('outcomes', () => {
  it('are definite for what was never sent', async () => {
    members.leader = '';
    expect(await failureOf(client.command('a', { timeoutMs: 50 }))).toBe('UNAVAILABLE definite');
    expect(await failureOf(client.query('a', { timeoutMs: 50 }))).toBe('UNAVAILABLE definite');
  });

  it('are unknown for what was sent and not answered', async () => {
    await client.command('connect');
    members.answer = () => {};
    expect(await failureOf(client.command('a', { timeoutMs: 50 }))).toBe('OUTCOME_UNKNOWN unknown');
  });

  it('stay unknown once an attempt was, whatever follows', async () => {
    await client.command('a');
    members.answer = ({ responder }) => {
      members.answer = ({ responder: next }) => refuse(next, 'OVERLOADED');
      refuse(responder, 'OUTCOME_UNKNOWN', 'unknown');
    };
    expect(await failureOf(client.command('b', { timeoutMs: 150 }))).toBe(
      'OUTCOME_UNKNOWN unknown',
    );
    members.answer = ({ responder }) => {
      members.answer = ({ responder: next }) => refuse(next, 'INVALID_COMMAND');
      refuse(responder, 'OUTCOME_UNKNOWN', 'unknown');
    };
    expect(await failureOf(client.command('c'))).toBe('INVALID_COMMAND unknown');
  });

  it('are definite when every attempt was', async () => {
    members.answer = ({ responder }) => refuse(responder, 'OVERLOADED');
    expect(await failureOf(client.command('a', { timeoutMs: 1000 }))).toBe('OVERLOADED definite');
    members.answer = ({ responder }) => refuse(responder, 'INVALID_COMMAND');
    expect(await failureOf(client.command('a'))).toBe('INVALID_COMMAND definite');
  });

  it('are the result, when a later attempt succeeds', async () => {
    let refusals = 3;
    members.answer = ({ value, responder }) => {
      if (refusals-- > 0) refuse(responder, 'OVERLOADED');
      else responder.done(value);
    };
    expect(await client.command('a')).toBe('a');
    expect(new Set(members.commands.map(({ sequence }) => sequence))).toEqual(new Set([1]));
  });

  it('are unknown when the answer makes no sense', async () => {
    members.answer = ({ responder }) => responder.failed({ code: 'WHATEVER', message: 'x' });
    expect(await failureOf(client.command('a'))).toBe('ANSWER_INVALID unknown');
    members.answer = ({ responder }) => responder.failed({ code: 'OVERLOADED', message: 'x' });
    expect(await failureOf(client.command('a', { timeoutMs: 60 }))).toBe('OUTCOME_UNKNOWN unknown');
  });

  it('follow what the caller aborts', async () => {
    const reason = new Error('no longer needed');
    expect(await failureOf(client.command('a', { signal: AbortSignal.abort(reason) }))).toBe(
      'ABORTED definite',
    );
    members.answer = () => {};
    const controller = new AbortController();
    const sent = client.command('b', { signal: controller.signal });
    const rejected = expect(sent).rejects.toMatchObject({ cause: reason });
    await until(() => members.commands.length === 1);
    const queued = client.query('q', { signal: controller.signal });
    controller.abort(reason);
    await rejected;
    expect(await failureOf(sent)).toBe('ABORTED unknown');
    expect(await failureOf(queued)).toBe('ABORTED definite');
  });
});

describe('sessions', () => {
  it('that end are replaced; what was not carried out moves to the new one', async () => {
    await client.command('a');
    members.answer = ({ session, value, responder }) => {
      if (session === 1) refuse(responder, 'SESSION_EXPIRED');
      else responder.done(value);
    };
    expect(await Promise.all(['b', 'c'].map((value) => client.command(value)))).toEqual(['b', 'c']);
    expect(members.sessionsOpened).toBe(2);
    expect(members.commands.at(-1)).toMatchObject({ session: 2, sequence: 2 });
  });

  it('that end leave unknown what may have been carried out', async () => {
    await client.command('a');
    members.answer = ({ responder }) => {
      members.answer = ({ responder: next }) => refuse(next, 'SESSION_EXPIRED');
      refuse(responder, 'OUTCOME_UNKNOWN', 'unknown');
    };
    expect(await failureOf(client.command('b'))).toBe('SESSION_EXPIRED unknown');
    members.answer = ({ value, responder }) => responder.done(value);
    expect(await client.command('c')).toBe('c');
  });

  it('are told which results their client has', async () => {
    const held: (() => void)[] = [];
    members.answer = ({ value, responder }) => {
      if (value === 'held') held.push(() => responder.done(value));
      else responder.done(value);
    };
    const first = client.command('held');
    await client.command('b');
    await client.command('c');
    expect(members.commands.at(-1)?.acknowledgedBelow).toBe(1);
    for (const release of held) release();
    await first;
    await client.command('d');
    expect(members.commands.at(-1)).toMatchObject({ sequence: 4, acknowledgedBelow: 4 });
  });

  it('are told that nobody waits any more for what was given up', async () => {
    await client.command('connect');
    members.answer = () => {};
    expect(await failureOf(client.command('a', { timeoutMs: 50 }))).toBe('OUTCOME_UNKNOWN unknown');
    members.answer = ({ value, responder }) => responder.done(value);
    await client.command('b');
    expect(members.commands.at(-1)).toMatchObject({ sequence: 3, acknowledgedBelow: 3 });
  });

  it('have no more outstanding than their window', async () => {
    members.window = 3;
    const held: (() => void)[] = [];
    members.answer = ({ value, responder }) => held.push(() => responder.done(value));
    const all = Promise.all(Array.from({ length: 10 }, (_, i) => client.command(i)));
    let answered = 0;
    while (answered < 10) {
      await until(() => held.length > 0);
      for (const { sequence, acknowledgedBelow } of members.commands) {
        expect(sequence - acknowledgedBelow).toBeLessThan(3);
      }
      expect(held.length).toBeLessThanOrEqual(3);
      held.shift()?.();
      answered++;
    }
    expect(await all).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('that can not be opened keep commands waiting until their deadline', async () => {
    members.answerOpen = (responder) => refuse(responder, 'SESSION_LIMIT');
    const command = client.command('a', { timeoutMs: 1000 });
    expect(await client.query('q')).toEqual(['two:2', 'q']);
    expect(await failureOf(command)).toBe('SESSION_LIMIT definite');
    members.answerOpen = (responder) => responder.done('nonsense');
    expect(await failureOf(client.command('a', { timeoutMs: 200 }))).toBe(
      'ANSWER_INVALID definite',
    );
    members.answerOpen = undefined;
    expect(await client.command('b')).toBe('b');
  });
});

describe('limits', () => {
  it('refuse requests above the number that may be outstanding', async () => {
    connect({ maxOutstanding: 2 });
    const first = [client.command('a'), client.command('b')];
    expect(await failureOf(client.command('c'))).toBe('OVERLOADED definite');
    expect(await Promise.all(first)).toEqual(['a', 'b']);
    expect(await client.command('c')).toBe('c');
  });

  it('send no more at once than may be in flight', async () => {
    connect({ maxInFlight: 5 });
    let inFlight = 0;
    let most = 0;
    members.answer = ({ value, responder }) => {
      most = Math.max(most, ++inFlight);
      setTimeout(() => {
        inFlight--;
        responder.done(value);
      }, 1);
    };
    const values = Array.from({ length: 50 }, (_, i) => i);
    expect(await Promise.all(values.map((value) => client.command(value)))).toEqual(values);
    expect(most).toBe(5);
  });

  it('refuse a time to wait that is none, and harm no other request', async () => {
    members.leader = '';
    for (const timeoutMs of [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
      for (const refused of [
        client.command('a', { timeoutMs }),
        client.query('a', { timeoutMs }),
        client.query('a', { timeoutMs, consistency: 'local' }),
        client.status('one:1', { timeoutMs }),
      ]) {
        expect(await failureOf(refused)).toBe('OPTIONS_INVALID definite');
      }
    }
    expect(await failureOf(client.command('b', { timeoutMs: 50 }))).toBe('UNAVAILABLE definite');
  });

  it('that make no sense are refused', () => {
    for (const options of [
      { addresses: [] },
      { addresses: ['one:1', 'nonsense'] },
      { timeoutMs: 0 },
      { minBackoffMs: 50, maxBackoffMs: 20 },
      { maxOutstanding: Number.NaN },
      { readFrom: 'nearest' as ReadFrom },
    ]) {
      expect(() => new ReplicatedClient({ addresses: ADDRESSES, network, ...options })).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID' }),
      );
    }
  });
});

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

describe('closing', () => {
  it('rejects what is outstanding, ends the session and leaves no connection', async () => {
    await client.command('a');
    members.answer = () => {};
    const sent = client.command('b');
    await until(() => members.commands.length === 2);
    const closed = client.close();
    expect(await failureOf(sent)).toBe('CLIENT_CLOSED unknown');
    await closed;
    expect(members.closedSessions).toEqual([1]);
    expect(members.connections).toBe(0);
    expect(await failureOf(client.command('c'))).toBe('CLIENT_CLOSED definite');
    expect(await failureOf(client.query('c', { consistency: 'local' }))).toBe(
      'CLIENT_CLOSED definite',
    );
    expect(await failureOf(client.status('one:1'))).toBe('CLIENT_CLOSED definite');
  });

  it('ends a search', async () => {
    members.leader = '';
    const waiting = client.command('a');
    await until(() => members.connections === 3);
    const closed = client.close();
    expect(await failureOf(waiting)).toBe('CLIENT_CLOSED definite');
    await closed;
    await until(() => members.connections === 0);
  });
});
