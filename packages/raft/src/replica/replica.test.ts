import { afterEach, describe, expect, it } from 'vitest';
import { RaftError } from '../errors.js';
import type { Replica } from './replica.js';
import { Fixture, HEARTBEAT_OF_2 } from './replica.test.support.js';

describe('Replica', () => {
  let replica: Replica | undefined;

  afterEach(async () => {
    await replica?.stop();
    replica = undefined;
  });

  it('leads alone, and applies what it proposed', async () => {
    const f = new Fixture();
    replica = await f.start();
    await f.clock.pass(500);
    expect(replica.status()).toMatchObject({ role: 'leader', term: 2, commit: 3, applied: 3 });
    expect(replica.propose(Buffer.from('a'))).toEqual({ accepted: true, index: 4, term: 2 });
    expect(replica.uncommittedEntries).toBe(1);
    await f.clock.handleInput();
    expect(f.applier.texts()).toEqual(['a']);
    expect(f.applier.hinted.map((entry) => entry.index)).toEqual([2, 3, 4]);
    expect(replica.uncommittedEntries).toBe(0);
  });

  it('refuses proposals when it does not lead, and says who does', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    const running = replica;
    expect(() => running.propose(Buffer.from('a'))).toThrow(
      expect.objectContaining({ code: 'NOT_LEADER', details: { leader: 0 } }),
    );
    f.transport.receive(HEARTBEAT_OF_2);
    await f.clock.handleInput();
    expect(() => running.propose(Buffer.from('a'))).toThrow(
      expect.objectContaining({ code: 'NOT_LEADER', details: { leader: 2 } }),
    );
  });

  it('hears what arrived while it was held up before it believes that the leader is gone', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3]);
    f.transport.receive(HEARTBEAT_OF_2);
    await f.clock.pass(380);
    // The loop stood still for a minute; its timers come first, then what had arrived meanwhile.
    f.clock.fireTimers(60_000);
    f.transport.receive(HEARTBEAT_OF_2);
    await f.clock.handleInput();
    await f.clock.pass(360);
    expect(replica.status()).toMatchObject({ role: 'follower', leader: 2 });
    await f.clock.pass(60);
    expect(replica.status().role).toBe('pre-candidate');
  });

  it('tells listeners of changes of role, term and leader', async () => {
    const f = new Fixture();
    replica = await f.start();
    const seen: string[] = [];
    const unsubscribe = replica.onChange(() => seen.push(replica?.status().role ?? ''));
    await f.clock.pass(500);
    expect(seen.at(-1)).toBe('leader');
    unsubscribe();
    const before = seen.length;
    await replica.stop();
    expect(seen).toHaveLength(before);
  });

  it('goes on when entries that a lagging member needs are no longer in the log', async () => {
    const f = new Fixture();
    replica = await f.start([1, 2, 3], { preVote: false, checkQuorum: false, logWindowBytes: 1 });
    await f.clock.pass(400);
    const vote = {
      type: 'vote-response',
      from: 2,
      to: 1,
      term: 2,
      preVote: false,
      commit: 0,
      commitTerm: 0,
    } as const;
    f.transport.receive({ ...vote, granted: true });
    await f.clock.handleInput();
    const read = f.log.read.bind(f.log);
    let reads = 0;
    f.log.read = () => {
      reads++;
      return Promise.reject(new RaftError('LOG_UNAVAILABLE', 'replaced'));
    };
    const fromThree = async () => {
      f.transport.receive({
        type: 'heartbeat-response',
        from: 3,
        to: 1,
        term: 2,
        round: 0,
        recovery: 0,
        priority: 3,
        commit: 0,
        commitTerm: 0,
      });
      await f.clock.handleInput();
    };
    await f.clock.pass(100);
    await fromThree();
    expect(reads).toBeGreaterThan(0);
    expect(replica.status().role).toBe('leader');
    f.log.read = read;
    f.transport.sent.length = 0;
    await f.clock.pass(100);
    await fromThree();
    const [sent] = f.transport.sent.flatMap((m) => (m.type === 'append' && m.to === 3 ? [m] : []));
    expect(sent?.entries[0]?.index).toBe(2);
  });
});
