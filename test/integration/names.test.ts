import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RunningCluster } from './running-cluster.js';

const HOSTS = ['alpha', 'beta', 'gamma'];

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'names-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** As on three machines: where a name leads to depends on who asks. */
function environment(id: number): Readonly<Record<string, string>> {
  const leadsTo = (at: number) => (at + 1 === id ? '127.0.1.1' : '127.0.0.1');
  return {
    NODE_OPTIONS: `--import ${new URL('./known-names.js', import.meta.url).href}`,
    KNOWN_NAMES: JSON.stringify(Object.fromEntries(HOSTS.map((host, at) => [host, leadsTo(at)]))),
  };
}

it('three masters find each other though each takes its own name for 127.0.1.1', async () => {
  const host = (id: number) => HOSTS[id - 1] ?? '';
  await using cluster = await RunningCluster.start(join(directory, 'data'), { environment, host });
  await cluster.statusWhen(
    ({ leader, leaderSaidBy }) => leader !== null && leaderSaidBy.length === 3,
  );
  expect(cluster.said(1)).toMatch(/alpha is 127\.0\.1\.1 on this machine.*listens at 0\.0\.0\.0:/);
});
