import { RaftError } from 'raft-ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeEntry } from '../entries/entry-codec.js';
import type { Answer } from './fake-member.test.support.js';
import { TestMember } from './service.test.support.js';

let member: TestMember;

beforeEach(async () => {
  member = await TestMember.start();
});

describe('commands', () => {
  beforeEach(() => member.replica.become('leader', 1, 1));

  it('that arrive together share an entry, and have their own results', () => {
    const session = member.openSession();
    const before = member.replica.log.length;
    const commits = member.machine.commits;
    const answers = [1, 2, 3].map((n) => member.command(session, n, ['add', 'k', n]));
    member.flush();
    expect(member.replica.log.length).toBe(before + 1);
    expect(answers.map((answer) => answer.seen)).toEqual(['waiting', 'waiting', 'waiting']);
    void member.commit();
    expect(answers.map((answer) => answer.seen)).toEqual([1, 3, 6]);
    expect(member.machine.commits).toBe(commits + 1);
  });

  it('take effect once, also when sent again, in the same entry or later', () => {
    const session = member.openSession();
    const twice = [1, 1].map(() => member.command(session, 1, ['add', 'k', 5]));
    member.flush();
    void member.commit();
    const later = member.command(session, 1, ['add', 'k', 5]);
    member.flush();
    void member.commit();
    expect([...twice, later].map((answer) => answer.seen)).toEqual([5, 5, 5]);
  });

  it('are remembered over a restart on the same rows', async () => {
    const rows = new Map<string, Uint8Array>();
    member = await TestMember.lead({}, rows);
    const session = member.openSession();
    member.command(session, 1, ['add', 'k', 5]);
    member.flush();
    void member.commit();
    const { log } = member.replica;
    member = await TestMember.start({}, rows);
    member.replica.log.push(...log);
    member.replica.commit = log.length;
    member.replica.become('leader', 2, 1);
    const again = member.command(session, 1, ['add', 'k', 5]);
    member.flush();
    void member.commit();
    expect(again.seen).toBe(5);
  });

  it('are split over entries by number and by bytes', async () => {
    member = await TestMember.lead({ maxEntryItems: 3, maxEntryBytes: 200 });
    const session = member.openSession();
    const before = member.replica.log.length;
    for (let n = 1; n <= 4; n++) member.command(session, n, ['put', 'k', n]);
    member.flush();
    expect(member.replica.log.length).toBe(before + 2);
    void member.commit();
    for (let n = 5; n <= 6; n++) member.command(session, n, ['put', 'k', 'x'.repeat(150)]);
    member.flush();
    expect(member.replica.log.length).toBe(before + 4);
  });

  it('gather while the pipeline is full', async () => {
    member = await TestMember.lead({ pipelineDepth: 2 });
    const session = member.openSession();
    const before = member.replica.log.length;
    const answers: Answer[] = [];
    for (let n = 1; n <= 10; n++) {
      answers.push(member.command(session, n, ['add', 'k', 1]));
      member.flush();
    }
    expect(member.replica.log.length).toBe(before + 2);
    void member.commit();
    member.flush();
    expect(member.replica.log.length).toBe(before + 3);
    void member.commit();
    expect(answers.map((answer) => answer.seen)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('are refused when too many wait, and nothing was done then', async () => {
    member = await TestMember.lead({ maxPendingItems: 2 });
    const session = member.openSession();
    const answers = [1, 2, 3].map((n) => member.command(session, n, ['add', 'k', 1]));
    expect(answers.map((answer) => answer.seen)).toEqual([
      'waiting',
      'waiting',
      'OVERLOADED definite',
    ]);
    member.flush();
    expect(member.command(session, 4, ['add', 'k', 1]).seen).toBe('OVERLOADED definite');
    void member.commit();
    expect(member.command(session, 4, ['add', 'k', 1]).seen).toBe('waiting');
  });

  it('are refused when too many bytes wait', async () => {
    member = await TestMember.lead({ maxPendingBytes: 1000 });
    const session = member.openSession();
    expect(member.command(session, 1, ['put', 'k', 'x'.repeat(900)]).seen).toBe('waiting');
    expect(member.command(session, 2, ['put', 'k', 'x'.repeat(900)]).seen).toBe(
      'OVERLOADED definite',
    );
  });

  it('wait when the replica takes no more now', () => {
    const session = member.openSession();
    member.replica.refusal = new RaftError('PROPOSALS_OVERLOADED', 'full');
    const first = member.command(session, 1, ['add', 'k', 1]);
    member.flush();
    expect(first.seen).toBe('waiting');
    member.replica.refusal = undefined;
    const second = member.command(session, 2, ['add', 'k', 1]);
    member.flush();
    void member.commit();
    expect([first.seen, second.seen]).toEqual([1, 2]);
  });

  it('too large for an entry or for the service are refused', async () => {
    member = await TestMember.lead({ maxCommandBytes: 1000 });
    const session = member.openSession();
    expect(member.command(session, 1, ['put', 'k', 'x'.repeat(1000)]).seen).toBe(
      'COMMAND_TOO_LARGE definite',
    );
    member.replica.refusal = new RaftError('PROPOSAL_TOO_LARGE', 'large');
    const answer = member.command(session, 2, ['put', 'k', 'x'.repeat(900)]);
    member.flush();
    expect(answer.seen).toBe('COMMAND_TOO_LARGE definite');
  });

  it('not proposed before their deadline are definitely not done', () => {
    const session = member.openSession();
    member.replica.refusal = new RaftError('PROPOSALS_OVERLOADED', 'full');
    const early = member.command(session, 1, ['add', 'k', 1], 100);
    const late = member.command(session, 2, ['add', 'k', 1], 1000);
    member.clock.advance(500);
    expect([early.seen, late.seen]).toEqual(['DEADLINE_EXCEEDED definite', 'waiting']);
  });

  it('proposed and not decided before their deadline are unknown, and answered once', () => {
    const session = member.openSession();
    const early = member.command(session, 1, ['add', 'k', 1], 100);
    const late = member.command(session, 2, ['add', 'k', 1], 10_000);
    member.clock.advance(500);
    expect([early.seen, late.seen]).toEqual(['OUTCOME_UNKNOWN unknown', 'waiting']);
    void member.commit();
    expect([early.seen, late.seen]).toEqual(['OUTCOME_UNKNOWN unknown', 2]);
    member.clock.advance(1000);
    expect(member.clock.timers).toBe(0);
  });

  it('wait no longer than the member allows', async () => {
    member = await TestMember.lead({ maxTimeoutMs: 200 });
    const session = member.openSession();
    const answer = member.command(session, 1, ['add', 'k', 1], 1e9);
    member.clock.advance(300);
    expect(answer.seen).toBe('OUTCOME_UNKNOWN unknown');
  });

  it('have a log time that a jumping wall clock does not move', () => {
    const session = member.openSession();
    const times: unknown[] = [];
    const beganMs = member.clock.nowMs;
    for (const wallMs of [5000, 4e12, 1000, 6000]) {
      member.clock.advance(10);
      member.clock.wallMs = () => wallMs;
      member.command(session, times.length + 1, ['add', 'k', 1]);
      member.flush();
      const { data = new Uint8Array() } = member.replica.log.at(-1) ?? {};
      const entry = decodeEntry(1, data, (value) => value);
      times.push([entry.logTimeMs - beganMs, entry.wallMs]);
      void member.commit();
    }
    expect(times).toEqual([
      [10, 5000],
      [20, 4e12],
      [30, 1000],
      [40, 6000],
    ]);
  });
});
