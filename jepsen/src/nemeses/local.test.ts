import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LocalCluster } from '../cluster/local-cluster.js';
import { tinyDatabase } from '../cluster/tiny-database.test.support.js';
import { Random } from '../random.js';
import { NemesisComposition } from './composition.js';
import { chooseNemeses } from './nemesis-list.js';
import { CallList } from './recorder.test.support.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'jepsen-nemeses-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

it('strikes processes, all kinds at once, and leaves all of them serving', async () => {
  const { signal } = new AbortController();
  await using cluster = await LocalCluster.open(
    { database: tinyDatabase, members: 3, directory, random: new Random(1) },
    signal,
  );
  const names = [
    'kill',
    'terminate',
    'pause',
    'partition-halves',
    'partition-flapping',
    'slow-network',
  ];
  // Often and briefly: what is tested is that they get along.
  const nemeses = chooseNemeses([...names, 'resets', 'damage'], cluster.database).map(
    (nemesis) => ({
      ...nemesis,
      lastsMs: 50,
      pausesMs: 100,
    }),
  );
  const composition = new NemesisComposition({ cluster, nemeses, random: new Random(3) });
  await composition.prepare();
  await Promise.all(cluster.members.map(({ id }) => cluster.start(id, signal)));
  const enough = new AbortController();
  const calls = new CallList(() => {
    const healed = calls.calls.filter(({ input }) => input.kind === 'heal');
    if (healed.length >= 30) enough.abort();
  });
  await composition.run({ recorder: calls, durationMs: 600_000, signal: enough.signal });
  const kinds = new Set(calls.calls.map(({ input }) => input.kind));
  expect(kinds.size).toBeGreaterThan(4);
  expect(calls.calls.at(-1)?.output).toMatchObject({ ended: [] });
  for (const member of cluster.members) {
    expect(await tinyDatabase.isServing(member, signal)).toBe(true);
  }
});
