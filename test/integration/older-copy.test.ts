import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NamespaceClient } from 'inode-app';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { treeOf } from './one-member-tree.js';
import { RunningCluster } from './running-cluster.js';

const ANSWER_MS = 120_000;
/** Who keeps what was acknowledged, who gets an older copy, and who was away. */
const [KEEPER, OLDER, AWAY] = [1, 2, 3];

let directory: string;
let cluster: RunningCluster;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'older-copy-'));
  cluster = await RunningCluster.start(join(directory, 'data'));
});

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** Makes a directory, and waits until these members have applied it. */
async function makeOn(path: string, ids: readonly number[]): Promise<void> {
  await using client = new NamespaceClient({ addresses: cluster.addresses, timeoutMs: ANSWER_MS });
  await client.mkdir(path);
  await cluster.statusWhen(({ members, leader }) => {
    const leads = members.find(({ id }) => id === leader);
    const those = members.filter(({ id }) => ids.includes(id ?? 0));
    return (
      leads !== undefined &&
      leads.applied === leads.lastIndex &&
      those.every(({ applied, commit }) => applied === leads.applied && commit === leads.commit)
    );
  });
}

async function termNow(): Promise<number> {
  const { members } = await cluster.statusWhen(({ leader }) => leader !== null);
  return Math.max(...members.map(({ term }) => term ?? 0));
}

it('an older copy of a directory that made the others forget is noticed by who remembers, which says what to do', async () => {
  await makeOn('/kept', [KEEPER, OLDER, AWAY]);
  // In the term that all know of: who leads the others later does so in another one.
  const { leader } = await cluster.statusWhen((status) => status.leader !== null);
  if (leader !== KEEPER) await cluster.run('members', 'transfer', `${KEEPER}`);
  await cluster.statusWhen((status) => status.leader === KEEPER);
  await cluster.stop(OLDER);
  const copy = join(directory, 'copy');
  cpSync(cluster.data(OLDER), copy, { recursive: true });
  await cluster.startMember(OLDER);
  await cluster.stop(AWAY);
  await makeOn('/forgotten', [KEEPER, OLDER]);
  const termForgotten = await termNow();
  // At once: were the lead handed over, both histories could have a leader of the same term.
  await cluster.kill(KEEPER, OLDER);
  rmSync(cluster.data(OLDER), { recursive: true });
  cpSync(copy, cluster.data(OLDER), { recursive: true });

  // A majority that holds nothing of what was acknowledged since, and can't know it.
  await Promise.all([OLDER, AWAY].map((id) => cluster.startMember(id)));
  // Nor may one that was lost meanwhile on a busy machine make it so.
  while ((await termNow()) <= termForgotten) {
    const { leader: other } = await cluster.statusWhen((status) => status.leader !== null);
    await cluster.run('members', 'transfer', `${other === OLDER ? AWAY : OLDER}`);
  }
  await makeOn('/instead', [OLDER, AWAY]);
  for (const time of ['first', 'second']) {
    const keeper = cluster.spawnMember(KEEPER);
    expect([time, await keeper.ended]).toEqual([time, 1]);
    const failed = keeper.printed.trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(failed)).toMatchObject({ event: 'failed', code: 'DATA_CONTRADICTED' });
    expect(keeper.errors.trimEnd().split('\n').at(-1)).toMatch(
      /^inode-app: member 1 holds a committed entry \d+ of term \d+.* an older copy of a data directory was put back.*docs\/operate\.md says how to go on$/,
    );
  }
  await makeOn('/served-meanwhile', [OLDER, AWAY]);

  // The majority's history goes on, as docs/operate.md says.
  rmSync(cluster.data(KEEPER), { recursive: true });
  await cluster.startMember(KEEPER, '--rejoin');
  await cluster.statusWhen(({ members }) =>
    members.every(({ recovering }) => recovering === false),
  );
  await makeOn('/together', [KEEPER, OLDER, AWAY]);
  const trees = await Promise.all(cluster.addresses.map((address) => treeOf(address, ANSWER_MS)));
  for (const tree of trees) {
    expect([...tree.keys()].sort()).toEqual([
      '/instead',
      '/kept',
      '/served-meanwhile',
      '/together',
    ]);
    expect(tree).toEqual(trees[0]);
  }
});
