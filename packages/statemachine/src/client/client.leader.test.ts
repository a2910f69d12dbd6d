import { describe, expect, it } from 'vitest';
import { client, connect, failureOf, HeldClock, members, until } from './client.test.support.js';
import { refuse } from './fake-members.test.support.js';

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

  it('asks many at once without a warning of Node', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    try {
      members.leader = '';
      const dead = Array.from({ length: 20 }, (_, i) => `dead:${i + 1}`);
      connect({ addresses: [...dead, 'one:1'] });
      const command = client.command('a');
      await until(() => members.connections > 0);
      members.lead('one:1');
      expect(await command).toBe('a');
      await new Promise((resolve) => setImmediate(resolve));
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', note);
    }
  });

  it('finds it when all whom it knew at first, and many after them, are gone', async () => {
    members.answer = ({ member, value, responder }) => {
      if (member === members.leader) responder.done(value);
      else refuse(responder, 'NOT_LEADER');
    };
    await client.command(0);
    await Promise.all(['one:1', 'three:3'].map((address) => members.stop(address)));
    let last = 'two:2';
    for (let machine = 1; machine <= 70; machine++) {
      const next = `machine-${machine}:1`;
      await members.start(next);
      members.lead(next);
      expect(await client.command(machine)).toBe(machine);
      await members.stop(last);
      last = next;
    }
    // Nobody else could have told it.
    expect(members.connections).toBe(1);
  });

  it('finds it when the one leader that it ever knew has gone, and with it all whom it was given', async () => {
    const clock = new HeldClock();
    connect({ addresses: ['two:2'], clock });
    members.takingPart = ['two:2', 'three:3'];
    expect(await client.command('a')).toBe('a');
    await members.start('four:4');
    // Machines are replaced, one after the other, while the same one leads.
    members.takingPart = ['two:2', 'four:4'];
    await members.stop('three:3');
    clock.pass(60_000);
    expect(await client.command('b')).toBe('b');
    await members.stop('two:2');
    members.lead('four:4');
    expect(await client.command('c')).toBe('c');
  });

  it('is told at once of all who take part', async () => {
    connect({ addresses: ['two:2'] });
    members.takingPart = ['one:1', 'two:2', 'three:3'];
    expect(await client.command('a')).toBe('a');
    await members.stop('two:2');
    members.lead('three:3');
    expect(await client.command('b')).toBe('b');
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

  it('and hangs is left at once for the next one, once there is one', async () => {
    connect({ doubtMs: 20, silenceMs: 3_600_000 });
    await client.command('a');
    members.hanging.add('two:2');
    const command = client.command('b');
    await until(() => members.connections === 3);
    members.lead('one:1');
    expect(await command).toBe('b');
  });

  it('and is slow keeps what it was asked', async () => {
    connect({ doubtMs: 20, silenceMs: 3_600_000 });
    await client.command('a');
    let late: (() => void) | undefined;
    members.answer = ({ value, responder }) => {
      late = () => responder.done(value);
    };
    const command = client.command('b');
    await until(() => members.commands.length === 2);
    members.hanging.add('two:2');
    await until(() => members.connections === 3);
    members.hanging.delete('two:2');
    late?.();
    expect(await command).toBe('b');
    members.answer = ({ value, responder }) => responder.done(value);
    expect(await client.command('c')).toBe('c');
    expect(members.commands.map(({ member }) => member)).toEqual(['two:2', 'two:2', 'two:2']);
    await until(() => members.connections === 1);
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
    const commands = ['b', 'c'].map((value) => client.command(value));
    expect(await Promise.all(commands)).toEqual(['b', 'c']);
  });

  it('and is only slow is not asked twice', async () => {
    members.answer = ({ value, responder }) => setTimeout(() => responder.done(value), 400);
    expect(await client.command('a')).toBe('a');
    expect(members.commands.length).toBe(1);
  });
});
