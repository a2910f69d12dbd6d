import { expect, it } from 'vitest';
import type { Database } from '../cluster/database.js';
import { Random } from '../random.js';
import { FakeCluster } from './fake-cluster.test.support.js';
import { Holds } from './holds/holds.js';
import { chooseNemeses, listNemeses } from './nemesis-list.js';
import { waitFor } from './pausing.js';

const database: Database = {
  name: 'register',
  ports: [],
  command: () => ({ file: 'register', args: [] }),
  isServing: async () => true,
  actions: { transfer: async () => 'transferred', compact: async () => 'compacted' },
  refusedNemeses: {
    'older-directory': 'it can not tell',
    'action-compact': 'it has no log',
    exhaustion: 'it runs beside others',
    'clock-jump': 'it has no clock',
    'clock-drift': 'it has no clock',
    'clock-strobe': 'it has no clock',
  },
};

it('lists each name once, and says what each proves in one line', () => {
  const nemeses = listNemeses(database);
  expect(new Set(nemeses.map(({ name }) => name)).size).toBe(nemeses.length);
  for (const { proves } of nemeses) expect(proves).toMatch(/^[^\n]{20,}$/);
});

it('has what the system can be asked as nemeses, and leaves out what it refuses', () => {
  const names = listNemeses(database).map(({ name }) => name);
  expect(names).toContain('action-transfer');
  expect(names).toContain('file-corrupted');
  expect(names).not.toContain('action-compact');
  expect(names).not.toContain('older-directory');
  expect(names).not.toContain('exhaustion');
});

it('says why it does not have one', () => {
  expect(() => chooseNemeses(['older-directory'], database)).toThrow(
    expect.objectContaining({
      code: 'NEMESIS_UNAVAILABLE',
      message: 'register refuses older-directory: it can not tell',
    }),
  );
  expect(() => chooseNemeses(['clock'], database)).toThrow(
    expect.objectContaining({
      code: 'NEMESIS_UNAVAILABLE',
      message: 'register refuses clock: it has no clock',
    }),
  );
  expect(() => chooseNemeses(['earthquake'], database)).toThrow(
    expect.objectContaining({ code: 'OPTIONS_INVALID' }),
  );
});

it('takes each that is named once', () => {
  expect(chooseNemeses(['kill', 'pause', 'kill'], database).map(({ name }) => name)).toEqual([
    'kill',
    'pause',
  ]);
});

it('does what of a fault the network allows', async () => {
  await using cluster = await FakeCluster.of(3);
  const denying = Object.create(cluster, {
    network: { value: { ...cluster.network, unavailable: { sliceBytes: 'packets' } } },
  });
  const [narrow] = chooseNemeses(['narrow-network'], database);
  expect(await narrow?.unavailable(denying)).toBeUndefined();
  const { signal } = new AbortController();
  const holds = new Holds(denying, waitFor);
  const context = { cluster: denying, holds, random: new Random(1), signal, pause: waitFor };
  const strike = await narrow?.strike(context);
  expect(strike?.input.fault).toEqual({ bytesPerSecond: expect.any(Number) });
  await strike?.heal();
});

it('can not have what the network denies, nor damage where no majority is left whole', async () => {
  await using cluster = await FakeCluster.of(2);
  const denying = Object.create(cluster, {
    network: { value: { ...cluster.network, unavailable: { cut: 'no iptables' } } },
  });
  const [partition, damage] = chooseNemeses(['partition', 'damage'], database);
  expect(await partition?.unavailable(denying)).toContain('no iptables');
  expect(await damage?.unavailable(cluster)).toContain('minority');
  expect(await partition?.unavailable(cluster)).toBeUndefined();
});
