import { arbitraryValue } from '@raft-ts/fuzz';
import type { RpcPeer, WireValue } from '@raft-ts/net';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { KeyValueMachine } from '../machine/key-value-machine.js';
import { RpcMethod } from '../rpc-methods.js';
import { Answer } from './fake-member.test.support.js';
import { StateMachineService } from './service.js';
import { TestMember } from './service.test.support.js';

let member: TestMember;

beforeEach(async () => {
  member = await TestMember.start();
});

describe('requests', () => {
  it('before the member serves, and after it has stopped, are answered', async () => {
    const early = (await StateMachineService.open({
      machine: new KeyValueMachine(),
      clientAddresses: new Map(),
    })) as StateMachineService<unknown, unknown>;
    const answer = new Answer();
    early.handler(RpcMethod.Command, [1, 1, 1, ['put', 'k', 1], 10], answer, { host: 'here' });
    expect(answer.seen).toBe('UNAVAILABLE definite');
    await early.close();

    member.replica.become('leader', 1, 1);
    const session = member.openSession();
    const proposed = member.command(session, 1, ['add', 'k', 1]);
    member.flush();
    const waiting = member.command(session, 2, ['add', 'k', 1]);
    const reading = member.ask(RpcMethod.Query, [0, ['get', 'k'], 1000]);
    member.replica.become('follower', 1, 0);
    const finding = member.ask(RpcMethod.FindLeader, [9, 1000]);
    member.replica.stop(new Error('the disk is gone'));
    await Promise.resolve();
    await Promise.resolve();
    expect(proposed.seen).toBe('OUTCOME_UNKNOWN unknown');
    expect(waiting.seen).toBe('NOT_LEADER definite');
    expect(reading.seen).toBe('STOPPED definite');
    expect(finding.seen).toEqual([false, 0, 0, null]);
    expect(member.command(session, 3, ['add', 'k', 1]).seen).toBe('STOPPED definite');
    expect(member.ask(RpcMethod.Status, null).result).toMatchObject({
      stopped: true,
      stoppedBy: 'the disk is gone',
    });
    expect(member.clock.timers).toBe(0);
    await member.service.close();
  });

  it('that make no sense are refused, whatever they are', () => {
    member.replica.become('leader', 1, 1);
    const bodies: [number, WireValue][] = [
      [RpcMethod.Command, null],
      [RpcMethod.Command, [1, 1, 1, ['put', 'k', 1]]],
      [RpcMethod.Command, [0, 1, 1, ['put', 'k', 1], 10]],
      [RpcMethod.Command, [1, 1.5, 1, ['put', 'k', 1], 10]],
      [RpcMethod.Command, [1, 1, 2, ['put', 'k', 1], 10]],
      [RpcMethod.Command, [1, 1, 1, ['put', 'k', 1], 'soon']],
      [RpcMethod.Query, [7, ['get', 'k'], 10]],
      [RpcMethod.OpenSession, []],
      [RpcMethod.CloseSession, ['x', 1]],
      [RpcMethod.FindLeader, ['x', 1]],
      [99, null],
    ];
    for (const [method, body] of bodies) {
      expect(member.ask(method, body).seen).toBe('INVALID_REQUEST definite');
    }
    expect(member.command(1, 1, ['no such']).seen).toBe('INVALID_COMMAND definite');
    expect(member.ask(RpcMethod.Query, [0, ['no such'], 10]).seen).toBe('INVALID_QUERY definite');
    member.flush();
    expect(member.replica.log.length).toBe(0);
  });

  it('of any content are answered, and never stop the member', () => {
    member.replica.become('leader', 1, 1);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), arbitraryValue, (method, body) => {
        const answer = member.ask(method, body);
        member.clock.advance(70_000);
        void member.commit();
        expect(answer.times).toBe(1);
      }),
    );
  });

  it('open no more sessions over one connection than it may have', async () => {
    member = await TestMember.lead({ maxSessionsPerConnection: 3 });
    const [flooding, working] = [{ host: 'here' }, { host: 'here' }];
    const openOver = (peer: RpcPeer) => member.ask(RpcMethod.OpenSession, [1000], peer);
    const answers = Array.from({ length: 5 }, () => openOver(flooding));
    expect(openOver(working).seen).toBe('waiting');
    member.flush();
    void member.commit();
    expect(answers.slice(3).map(({ seen }) => seen)).toEqual(
      Array(2).fill('SESSION_LIMIT definite'),
    );
    expect(member.service.status().sessions).toBe(4);
    expect(openOver(flooding).seen).toBe('SESSION_LIMIT definite');
    const [session] = (answers[0]?.result ?? []) as number[];
    member.ask(RpcMethod.CloseSession, [session ?? 0, 1000], working);
    member.flush();
    void member.commit();
    const next = openOver(flooding);
    // One that is refused for want of the lead counts for nothing.
    member.replica.become('follower', 1, 2);
    expect(next.seen).toBe('NOT_LEADER definite two:2');
    member.replica.become('leader', 2, 1);
    expect(openOver(flooding).seen).toBe('waiting');
  });

  it('list sessions where the member leads', () => {
    expect(member.ask(RpcMethod.ListSessions, [0, 10]).seen).toMatch(/^NOT_LEADER/);
    member.replica.become('leader', 1, 1);
    const session = member.openSession();
    const [listed] = member.ask(RpcMethod.ListSessions, [0, 10]).result as number[][];
    expect(listed?.slice(0, 4)).toEqual([session, 'here', 0, 0]);
    expect(member.ask(RpcMethod.ListSessions, [session, 10]).seen).toEqual([]);
    for (const body of [[], [0], ['x', 1], [0, 0]]) {
      expect(member.ask(RpcMethod.ListSessions, body).seen).toBe('INVALID_REQUEST definite');
    }
  });

  it('end sessions', () => {
    member.replica.become('leader', 1, 1);
    const session = member.openSession();
    const closed = member.ask(RpcMethod.CloseSession, [session, 1000]);
    member.flush();
    void member.commit();
    expect([closed.seen, member.service.status().sessions]).toEqual([null, 0]);
    const late = member.command(session, 1, ['add', 'k', 1]);
    member.flush();
    void member.commit();
    expect(late.seen).toBe('SESSION_EXPIRED definite');
  });
});

describe('serving', () => {
  it('is for one replica', () => {
    expect(() => member.service.serve(member.replica)).toThrow(TypeError);
  });
});

describe('options', () => {
  it('that contradict each other are refused', async () => {
    for (const options of [
      { maxEntryItems: 2000 },
      { pipelineDepth: 0 },
      { sessions: { idleMs: -1 } },
      { sessions: { maxSavedBytes: 100, maxTotalSavedBytes: 10 } },
    ]) {
      await expect(TestMember.start(options)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    }
  });
});
