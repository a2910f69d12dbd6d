import { arbitraryValue } from '@raft-ts/fuzz';
import type { WireValue } from '@raft-ts/net';
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
    early.handler(RpcMethod.Command, [1, 1, 1, ['put', 'k', 1], 10], answer);
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
