import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NamespaceClient } from 'inode-app';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunningCluster } from './running-cluster.js';

const ANSWER_MS = 120_000;

let directory: string;
let cluster: RunningCluster;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sessions-'));
  cluster = await RunningCluster.start(directory);
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** Sessions that the cluster knows, by id. */
async function listed(): Promise<readonly number[]> {
  const { code, stdout, stderr } = await cluster.run('sessions', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : JSON.parse(line).id));
}

it('sessions are listed and ended, one by one, and their clients go on with others', async () => {
  const none = await cluster.run('sessions');
  expect(none).toEqual({ code: 0, stdout: '0 sessions\n', stderr: '' });
  const { addresses } = cluster;
  await using first = new NamespaceClient({ addresses, timeoutMs: ANSWER_MS });
  await first.mkdir('/first');
  const [ofFirst = 0] = await listed();
  await using second = new NamespaceClient({ addresses, timeoutMs: ANSWER_MS });
  await second.mkdir('/second');
  const both = await listed();
  expect(both).toEqual([ofFirst, expect.any(Number)]);
  const table = (await cluster.run('sessions')).stdout.trimEnd().split('\n');
  expect(table).toEqual([
    '2 sessions',
    expect.stringMatching(/^ *session +host +idle +results +bytes$/),
    ...both.map((id) =>
      expect.stringMatching(new RegExp(`^ *${id} +127\\.0\\.0\\.1 +\\d+ s +1 +\\d+$`)),
    ),
  ]);

  expect(await cluster.run('sessions', 'end', `${ofFirst}`)).toEqual({
    code: 0,
    stdout: '1 session ended\n',
    stderr: '',
  });
  expect(await listed()).toEqual(both.slice(1));
  await first.mkdir('/first/again');
  const [left, opened = 0] = await listed();
  expect([left]).toEqual(both.slice(1));
  expect(opened).toBeGreaterThan(left ?? 0);
  // One that has ended before is no error.
  const more = await cluster.run('sessions', 'end', `${ofFirst}`, `${opened}`, '--json');
  expect({ code: more.code, ended: JSON.parse(more.stdout) }).toEqual({
    code: 0,
    ended: { ended: [ofFirst, opened] },
  });
  await second.mkdir('/second/again');
  expect(await listed()).toEqual(both.slice(1));

  const wrong = await cluster.run('sessions', 'end', 'nonsense');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/^inode-app: .*session id.*\n$/);
});
