import { describe, expect, it } from 'vitest';
import { client, connect, failureOf, HeldClock, members, until } from './client.test.support.js';
import { refuse } from './fake-members.test.support.js';

/** What comes of a command that reaches a member, and whose time is over then. */
async function outcomeOnceSent(clock: HeldClock, value: string): Promise<string> {
  const before = members.commands.length;
  const outcome = failureOf(client.command(value, { timeoutMs: 50 }));
  await until(() => members.commands.length > before);
  clock.pass(50);
  return outcome;
}

describe('outcomes', () => {
  it('are definite for what was never sent', async () => {
    members.leader = '';
    expect(await failureOf(client.command('a', { timeoutMs: 50 }))).toBe('UNAVAILABLE definite');
    expect(await failureOf(client.query('a', { timeoutMs: 50 }))).toBe('UNAVAILABLE definite');
  });

  it('are unknown for what was sent and not answered', async () => {
    const clock = new HeldClock();
    connect({ clock });
    await client.command('connect');
    members.answer = () => {};
    expect(await outcomeOnceSent(clock, 'a')).toBe('OUTCOME_UNKNOWN unknown');
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

  it('are the answer that a command was refused with, unless an earlier attempt may take effect', async () => {
    const details = { outcome: 'definite', answer: ['no such place'] };
    const refusal = { code: 'COMMAND_REFUSED', message: 'no', details };
    members.answer = ({ responder }) => responder.failed(refusal);
    expect(await client.command('a')).toEqual(['no such place']);
    members.answer = ({ responder }) => {
      members.answer = ({ responder: next }) => next.failed(refusal);
      refuse(responder, 'OVERLOADED');
    };
    expect(await client.command('b')).toEqual(['no such place']);
    members.answer = ({ responder }) => {
      members.answer = ({ responder: next }) => next.failed(refusal);
      refuse(responder, 'OUTCOME_UNKNOWN', 'unknown');
    };
    expect(await failureOf(client.command('c'))).toBe('OUTCOME_UNKNOWN unknown');
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
    const clock = new HeldClock();
    connect({ clock });
    await client.command('connect');
    members.answer = () => {};
    expect(await outcomeOnceSent(clock, 'a')).toBe('OUTCOME_UNKNOWN unknown');
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
    connect({ overloadBackoffMs: 50, maxOverloadBackoffMs: 50 });
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
