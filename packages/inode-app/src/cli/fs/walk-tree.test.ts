import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteClient, type CommandClient } from '../../client/byte-client.js';
import { parseQuery } from '../../namespace/queries/query-table.js';
import { byteString, sliceBytes } from '../../namespace/tree/byte-string.js';
import { InodeType } from '../../namespace/tree/inode.js';
import { childPath } from '../../namespace/tree/path.js';
import { MemoryRows } from '../../store/memory-rows.js';
import { NamespaceMachine } from '../../store/namespace-machine.js';
import { MachineClient } from '../machine-client.test.support.js';
import { ENTRIES_AHEAD, TreeWalk } from './walk-tree.js';

type Tree = Map<string, Tree | undefined>;

/** Answers listings of a tree in pages of a few, after differing delays. */
class FakeCluster implements CommandClient {
  outstanding = 0;
  mostOutstanding = 0;

  constructor(
    readonly tree: Tree,
    readonly pageEntries: number,
    /** Why some paths can't be listed. */
    readonly refused: ReadonlyMap<string, string> = new Map(),
  ) {}

  command(): Promise<unknown> {
    throw new Error('nothing is changed here');
  }

  async query(value: unknown): Promise<unknown> {
    this.outstanding += 1;
    this.mostOutstanding = Math.max(this.mostOutstanding, this.outstanding);
    await new Promise((resolve) => setImmediate(resolve));
    this.outstanding -= 1;
    const query = parseQuery(value);
    if (query.kind !== 'list') throw new Error('only listings are asked for');
    const refusal = this.refused.get(query.path);
    if (refusal !== undefined) return [refusal, query.path];
    let tree: Tree | undefined = this.tree;
    for (const name of query.path.split('/').filter((part) => part !== '')) tree = tree?.get(name);
    const names = [...(tree?.keys() ?? [])].sort().filter((name) => name > query.after);
    const page = names.slice(0, this.pageEntries).map((name) => {
      const type = tree?.get(name) === undefined ? InodeType.File : InodeType.Directory;
      return [name, [2, type, 0o755, 'root', 'root', 0, 0, 0, '']];
    });
    return [page, names.length > this.pageEntries];
  }

  async close(): Promise<void> {}
}

function expectedPaths(tree: Tree, path: string): string[] {
  return [...tree.keys()].sort().flatMap((name) => {
    const inner = tree.get(name);
    return [
      `${path}/${name}`,
      ...(inner === undefined ? [] : expectedPaths(inner, `${path}/${name}`)),
    ];
  });
}

const name = fc.stringMatching(/^[a-d!\xff]{1,3}$/);
const { tree: anyTree } = fc.letrec<{ tree: Tree; entry: Tree | undefined }>((tie) => ({
  tree: fc
    .array(fc.tuple(name, tie('entry')), { maxLength: 6 })
    .map((entries) => new Map(entries as [string, Tree | undefined][])),
  entry: fc.option(tie('tree'), { nil: undefined, maxDepth: 4 }),
}));

async function pathsOf(walk: TreeWalk, path: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const step of walk.below(byteString(path))) {
    paths.push('error' in step ? `${step.error.code} ${step.path}` : step.path);
  }
  return paths;
}

describe('TreeWalk', () => {
  it('comes to every entry once, parents first, in byte order, whatever is fetched ahead', async () => {
    const pages = fc.integer({ min: 1, max: 4 });
    const room = fc.constantFrom(0, 1000, 1003, 2005, 4007, ENTRIES_AHEAD);
    await fc.assert(
      fc.asyncProperty(anyTree, pages, room, async (tree, pageEntries, entriesAhead) => {
        const cluster = new FakeCluster(tree, pageEntries);
        const walk = new TreeWalk(new ByteClient(cluster), { entriesAhead });
        expect(await pathsOf(walk, '/')).toEqual(expectedPaths(tree, ''));
      }),
      { numRuns: 300 },
    );
  });

  it('asks ahead, but not without end', async () => {
    const wide: Tree = new Map(
      Array.from({ length: 300 }, (_, at) => [`d${at}`, new Map([['f', undefined]])]),
    );
    const cluster = new FakeCluster(wide, 1000);
    expect(await pathsOf(new TreeWalk(new ByteClient(cluster)), '/')).toHaveLength(600);
    expect(cluster.mostOutstanding).toBeGreaterThan(8);
    expect(cluster.mostOutstanding).toBeLessThanOrEqual(17);
  });

  it.each(['NOT_FOUND', 'STORAGE_UNREACHABLE', 'STORAGE_FORBIDDEN', 'LOCKED'])(
    'tells of a directory that cannot be listed for %s, and goes on',
    async (code) => {
      const tree: Tree = new Map<string, Tree | undefined>([
        ['a', new Map()],
        ['b', undefined],
      ]);
      const cluster = new FakeCluster(tree, 10, new Map([['/a', code]]));
      const paths = await pathsOf(new TreeWalk(new ByteClient(cluster)), '/');
      expect(paths).toEqual(['/a', `${code} /a`, '/b']);
    },
  );

  it('tells of a path that a rename above made too long, and goes on', async () => {
    const machine = await NamespaceMachine.open({ rows: new MemoryRows() });
    await using client = new ByteClient(new MachineClient(machine));
    const level = byteString('x'.repeat(254));
    let path = byteString('/t');
    await client.run([{ kind: 'mkdir', path, parents: false, attributes: {} }]);
    for (let depth = 0; depth < 16; depth += 1) {
      path = childPath(path, depth === 15 ? byteString('d'.repeat(60)) : level);
      await client.run([{ kind: 'mkdir', path, parents: false, attributes: {} }]);
    }
    const below = childPath(path, byteString('f'));
    await client.run([{ kind: 'create', path: below, attributes: {} }]);
    const id = (await client.getStatus(path)).id;
    const longer = byteString(`/${'y'.repeat(255)}`);
    await client.run([
      { kind: 'rename', source: byteString('/t'), destination: longer },
      { kind: 'create', path: byteString('/z'), attributes: {} },
    ]);

    const tooLong = sliceBytes(path, '/t'.length);
    const paths = await pathsOf(new TreeWalk(client), '/');
    expect(paths).toHaveLength(1 + 16 + 1 + 1);
    expect(paths.slice(-3)).toEqual([longer + tooLong, `PATH_TOO_LONG ${longer}${tooLong}`, '/z']);
    await expect(client.getStatusById(id)).rejects.toMatchObject({
      code: 'PATH_TOO_LONG',
      message: expect.stringContaining(`inode ${id} is there`),
    });
    // The walk can be helped, and what is so deep can be removed.
    await client.run([{ kind: 'rename', source: longer, destination: byteString('/t') }]);
    expect(await pathsOf(new TreeWalk(client), '/')).toContain(below);
    await client.run([{ kind: 'rename', source: byteString('/t'), destination: longer }]);
    expect(await client.run([{ kind: 'delete', path: longer, recursive: true }])).toEqual([
      expect.any(Number),
    ]);
  });
});
