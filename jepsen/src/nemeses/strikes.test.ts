import { mkdirSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CallInput } from '../histories/history-event.js';
import { Random } from '../random.js';
import { FakeCluster } from './fake-cluster.test.support.js';
import { Holds } from './holds/holds.js';
import type { Nemesis } from './nemesis.js';
import { chooseNemeses, listNemeses } from './nemesis-list.js';
import { VirtualTime } from './virtual-time.test.support.js';

interface Struck {
  readonly input: CallInput;
  /** What was done to the cluster, up to the strike and from then to its healing. */
  readonly did: readonly string[];
  readonly undid: readonly string[];
  /** While it was in force, and after. */
  readonly inForce: readonly string[];
  readonly afterwards: readonly string[];
  readonly found: object;
}

interface Setting {
  readonly members?: number;
  readonly seed?: number;
  readonly leader?: number;
  /** While it is in force. */
  readonly meanwhile?: (cluster: FakeCluster, input: CallInput) => void;
  /** Before it strikes. */
  readonly before?: (cluster: FakeCluster) => void;
}

async function strikeOnce(name: string, setting: Setting = {}): Promise<Struck> {
  const actions = { backup: async () => 'made a backup' };
  await using cluster = await FakeCluster.of(setting.members ?? 5, { actions });
  cluster.leader = setting.leader;
  const time = new VirtualTime();
  const holds = new Holds(cluster, time.pause);
  await holds.clocks.prepare('/lib/libfaketime.so.1');
  setting.before?.(cluster);
  const [nemesis] = chooseNemeses([name], cluster.database);
  if (nemesis === undefined) throw new Error(`there is no ${name}`);
  const random = new Random(setting.seed ?? 1);
  const signal = new AbortController().signal;
  const context = { cluster, holds, random, signal, pause: time.pause };
  const strike = await time.until(nemesis.strike(context));
  // Those that strike again and again do so a few times.
  await time.until(time.pause(2_000, signal));
  const [did, inForce] = [[...cluster.did], cluster.notAtRest()];
  setting.meanwhile?.(cluster, strike.input);
  const found = await time.until(strike.heal());
  const undid = cluster.did.slice(did.length);
  return { input: strike.input, did, undid, inForce, afterwards: cluster.notAtRest(), found };
}

function membersOf(input: CallInput): readonly number[] {
  return Array.isArray(input.members) ? input.members.map(Number) : [];
}

/** What needs a process to strike at is tested on processes. */
const NEEDS_PROCESSES = /^(failing|slow)-(write|fsync)$|^memory-pressure$/;
const actions = { backup: async () => 'made a backup' };
const all: readonly Nemesis[] = listNemeses({
  name: 'any',
  ports: [],
  command: () => ({ file: 'any', args: [] }),
  isServing: async () => true,
  actions,
});
const groups = ['partition', 'kill', 'clock', 'network', 'disk', 'damage', 'exhaustion', 'action'];
const single = all.filter(({ name }) => !groups.includes(name) && !NEEDS_PROCESSES.test(name));

it.each(single.map(({ name }) => name))(
  '%s strikes within bounds, and undoes what it did',
  async (name) => {
    for (const members of [3, 5]) {
      if (name === 'partition-ring' && members < 4) continue;
      for (let seed = 0; seed < 8; seed++) {
        const { input, afterwards } = await strikeOnce(name, { members, seed });
        expect(input.kind).toBe(name);
        for (const id of membersOf(input)) expect(id >= 1 && id <= members).toBe(true);
        expect(new Set(membersOf(input)).size).toBe(membersOf(input).length);
        expect(afterwards).toEqual([]);
      }
    }
  },
);

it.each(single.map(({ name }) => name))('%s does the same for the same seed', async (name) => {
  const [one, other] = [await strikeOnce(name, { seed: 9 }), await strikeOnce(name, { seed: 9 })];
  expect(one.input).toEqual(other.input);
  expect(one.did).toEqual(other.did);
});

it.each(single.map(({ name }) => name).filter((name) => !/^(action|kill-all)/.test(name)))(
  '%s does another thing for another seed',
  async (name) => {
    const inputs = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const { input } = await strikeOnce(name, { seed });
      inputs.add(JSON.stringify(input));
    }
    expect(inputs.size).toBeGreaterThan(1);
  },
);

it.each([
  'kill-one',
  'kill-majority',
  'terminate',
  'pause',
  'disk-full',
  'power-loss',
  'older-directory',
  'open-files-exhausted',
  'clock-drift',
])('%s brings back whoever ended by itself meanwhile', async (name) => {
  const { input, inForce, afterwards } = await strikeOnce(name, {
    meanwhile: (cluster, struck) => {
      for (const id of membersOf(struck)) if (cluster.isRunning(id)) cluster.crash(id);
    },
  });
  expect(membersOf(input).length).toBeGreaterThan(0);
  const stillDown = name === 'older-directory' ? membersOf(input).map((id) => `${id} ended`) : [];
  expect(afterwards).toEqual(stillDown);
  expect(inForce).toBeDefined();
});

it.each(['failing-fsync', 'slow-write', 'memory-pressure'])(
  '%s counts for no strike where nobody runs whom it would strike',
  async (name) => {
    await expect(strikeOnce(name)).rejects.toMatchObject({ code: 'NEMESIS_UNAVAILABLE' });
  },
);

it('counts for no strike where there is no file to damage', async () => {
  const before = ({ members }: FakeCluster) => {
    for (const { directory } of members) {
      rmSync(directory, { recursive: true });
      mkdirSync(directory);
    }
  };
  const struck = strikeOnce('file-removed', { before });
  await expect(struck).rejects.toMatchObject({ code: 'NEMESIS_UNAVAILABLE' });
});

it('has one link at least suffer from a bad network', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const { input } = await strikeOnce('slow-network', { members: 1, seed });
    expect(input.links).not.toEqual([]);
  }
});

it('kills as many as its name says', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const counts = new Map<string, number>();
    for (const name of ['kill-one', 'kill-minority', 'kill-majority', 'kill-all']) {
      const { input, inForce } = await strikeOnce(name, { seed });
      expect(inForce).toEqual(membersOf(input).map((id) => `${id} ended`));
      counts.set(name, membersOf(input).length);
    }
    expect(counts.get('kill-one')).toBe(1);
    expect([1, 2]).toContain(counts.get('kill-minority'));
    expect([3, 4, 5]).toContain(counts.get('kill-majority'));
    expect(counts.get('kill-all')).toBe(5);
  }
});

it('kills a member while it starts, more than once', async () => {
  const { input, did } = await strikeOnce('kill-starting', { seed: 3 });
  const starts = Array.isArray(input.aliveMs) ? input.aliveMs.length : 0;
  expect(starts).toBeGreaterThan(0);
  const [id] = membersOf(input);
  const kills = did.filter((line) => line === `kill ${id} SIGKILL`).length;
  expect(kills).toBe(starts + 1);
});

function cutLinks(inForce: readonly string[]): ReadonlySet<string> {
  return new Set(inForce.filter((line) => line.startsWith('link ')).map((line) => line.slice(5)));
}

/** Whom a member reaches in both directions, itself among them. */
function reached(cut: ReadonlySet<string>, id: number, members: number): readonly number[] {
  return Array.from({ length: members }, (_, at) => at + 1).filter(
    (other) => !cut.has(`${id}>${other}`) && !cut.has(`${other}>${id}`),
  );
}

it('cuts a majority from the others', async () => {
  for (const members of [2, 3, 4, 5]) {
    const { inForce } = await strikeOnce('partition-halves', { members, seed: members });
    const cut = cutLinks(inForce);
    const sizes = Array.from({ length: members }, (_, at) => reached(cut, at + 1, members).length);
    const majority = Math.floor(members / 2) + 1;
    expect(sizes.filter((size) => size === majority)).toHaveLength(majority);
    expect(sizes.filter((size) => size === members - majority)).toHaveLength(members - majority);
  }
});

it('has each member of a ring reach a majority, and no two the same one', async () => {
  for (const members of [4, 5, 7]) {
    const { inForce } = await strikeOnce('partition-ring', { members });
    const cut = cutLinks(inForce);
    const seen = Array.from({ length: members }, (_, at) => reached(cut, at + 1, members));
    for (const some of seen) expect(some.length).toBeGreaterThan(members / 2);
    expect(new Set(seen.map(String)).size).toBe(members);
  }
});

it('leaves one member that reaches all, and halves that reach each other through it only', async () => {
  const { inForce, input } = await strikeOnce('partition-bridge');
  const cut = cutLinks(inForce);
  const sizes = [1, 2, 3, 4, 5].map((id) => reached(cut, id, 5).length);
  expect(sizes.filter((size) => size === 5)).toHaveLength(1);
  expect(sizes.filter((size) => size === 3)).toHaveLength(4);
  expect(reached(cut, Number(input.bridge), 5)).toHaveLength(5);
});

it('cuts the leader off, where anyone says who leads', async () => {
  const { input, inForce } = await strikeOnce('partition-leader', { leader: 4 });
  expect(input).toEqual({ kind: 'partition-leader', members: [4], leads: true });
  expect(reached(cutLinks(inForce), 4, 5)).toEqual([4]);
  const { input: nobodyLeads } = await strikeOnce('partition-leader');
  expect(nobodyLeads.leads).toBe(false);
});

it('cuts one direction and leaves the other', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const { input, inForce } = await strikeOnce('partition-one-way', { seed });
    const cut = cutLinks(inForce);
    expect(cut.size).toBeGreaterThan(0);
    for (const link of cut) {
      const [from, to] = link.split('>');
      expect(cut.has(`${to}>${from}`)).toBe(false);
      const struck = input.lost === 'sent' ? from : to;
      expect(membersOf(input)).toContain(Number(struck));
    }
  }
});

it('cuts and joins again while it flaps', async () => {
  const { did } = await strikeOnce('partition-flapping');
  expect(did.filter((line) => line.includes('{"cut":true}')).length).toBeGreaterThan(0);
  expect(did.filter((line) => line.endsWith(' {}')).length).toBeGreaterThan(0);
});

it('resets connections again and again, and never after it has healed', async () => {
  const { did, undid } = await strikeOnce('resets');
  expect(did.filter((line) => line.startsWith('reset')).length).toBeGreaterThan(1);
  expect(undid).toEqual([]);
});

it('starts members without power again once it is back', async () => {
  const { input, did, undid } = await strikeOnce('power-loss', { seed: 2 });
  const members = membersOf(input);
  expect(members.length).toBeGreaterThan(0);
  expect(did).toEqual(members.map((id) => `cut power ${id}`));
  expect([...undid].sort()).toEqual(members.map((id) => `launch ${id}`));
});

it('gives a member that refuses to start with few open files twice as many, until it serves', async () => {
  const limits: number[] = [];
  const struck = await strikeOnce('open-files-exhausted', {
    before: (cluster) => {
      const launch = cluster.launch.bind(cluster);
      cluster.launch = (id) => {
        launch(id);
        const limit = cluster.surroundings.get(id)?.openFiles ?? Number.POSITIVE_INFINITY;
        limits.push(limit);
        if (limit < 400) cluster.crash(id);
      };
    },
  });
  expect(struck.input.openFiles).toEqual([limits.at(-2)]);
  expect(limits.at(-2)).toBeGreaterThanOrEqual(400);
  expect(limits.at(-2)).toBeLessThan(800);
  expect(limits.at(-1)).toBe(Number.POSITIVE_INFINITY);
  expect(struck.afterwards).toEqual([]);
});

it('puts the files back of a member that refuses them, and of no other', async () => {
  const refused = await strikeOnce('file-corrupted', {
    before: (cluster) => {
      for (const { id } of cluster.members) cluster.refusing.add(id);
    },
    meanwhile: (cluster) => cluster.refusing.clear(),
  });
  expect(refused.input.start).toBe('ended');
  expect(refused.found).toEqual({ putBack: true });
  expect(refused.afterwards).toEqual([]);
  const served = await strikeOnce('file-corrupted');
  expect(served.input.start).toBe('serves');
  expect(served.found).toEqual({ putBack: false });
});

it('gives a member the directory that it had a while ago', async () => {
  await using cluster = await FakeCluster.of(3);
  const time = new VirtualTime();
  const holds = new Holds(cluster, time.pause);
  const [nemesis] = chooseNemeses(['older-directory'], cluster.database);
  let writes = 0;
  const launch = cluster.launch.bind(cluster);
  // Each member that starts writes into its directory.
  cluster.launch = (id) => {
    launch(id);
    const directory = cluster.members.find((member) => member.id === id)?.directory ?? '';
    writes += 1;
    if (writes === 1) mkdirSync(join(directory, 'written-later'));
  };
  const signal = new AbortController().signal;
  const context = { cluster, holds, random: new Random(1), signal, pause: time.pause };
  const strike = await time.until(Promise.resolve(nemesis?.strike(context)));
  const [id] = membersOf(strike?.input ?? { kind: '' });
  const directory = cluster.members.find((member) => member.id === id)?.directory ?? '';
  expect(await readFile(join(directory, 'vote'), 'utf8')).toBe(`term 7, vote ${id}`);
  await expect(readFile(join(directory, 'written-later'))).rejects.toThrow('ENOENT');
  await strike?.heal();
  expect(writes).toBe(2);
});

it('damages a minority over a whole test, however often it strikes', async () => {
  await using cluster = await FakeCluster.of(5);
  const time = new VirtualTime();
  const holds = new Holds(cluster, time.pause);
  const nemeses = chooseNemeses(['damage'], cluster.database);
  const struck = new Set<number>();
  const random = new Random(5);
  const signal = new AbortController().signal;
  for (let strikes = 0; strikes < 20; strikes++) {
    for (const nemesis of nemeses) {
      const context = { cluster, holds, random: random.fork(), signal, pause: time.pause };
      const strike = await time.until(nemesis.strike(context));
      for (const id of membersOf(strike.input)) struck.add(id);
      await time.until(strike.heal());
      // What one strike removed the next one finds again.
      for (const member of cluster.members)
        await writeFile(join(member.directory, 'vote'), 'term 8');
    }
  }
  expect(struck.size).toBe(2);
});

it('undoes what it had done where a strike is given up', async () => {
  await using cluster = await FakeCluster.of(5);
  const time = new VirtualTime();
  const holds = new Holds(cluster, time.pause);
  const [nemesis] = chooseNemeses(['kill-starting'], cluster.database);
  const giveUp = new AbortController();
  const context = {
    cluster,
    holds,
    random: new Random(1),
    signal: giveUp.signal,
    pause: time.pause,
  };
  const strike = nemesis?.strike(context);
  giveUp.abort(new Error('over'));
  await expect(strike).rejects.toThrow('over');
  expect(cluster.notAtRest()).toEqual([]);
});
