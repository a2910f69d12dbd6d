import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeCommand } from '../../namespace/operations/command-codec.js';
import type { NamespaceCommand } from '../../namespace/operations/operation-table.js';
import { NO_ATTRIBUTES } from '../../namespace/tree/attributes.js';
import { byteString } from '../../namespace/tree/byte-string.js';
import { edgeKey, edgePrefix } from '../../namespace/tree/edge.js';
import { writeLocation } from '../location-row.js';
import { MemoryRows } from '../memory-rows.js';
import { NamespaceMachine } from '../namespace-machine.js';
import type { Row } from '../ordered-rows.js';
import { RowKind, STATE_KEY, writeNumberedKey } from '../row-keys.js';
import { RowReader } from '../row-reader.js';
import { RowWriter } from '../row-writer.js';
import { START_ROW } from '../start-row.js';
import { readTreeState, type TreeState, writeTreeState } from '../state-row.js';
import { arbitraryCommand } from '../testing/operation-models.js';
import { writeTrashed } from '../trash-row.js';
import { isLowestOfRing } from './below-itself.js';
import { TreeCheck, type TreeReport } from './tree-check.js';

const ALL = { gte: Buffer.alloc(0), lt: Buffer.alloc(8, 0xff), pageRows: 1000 };

let rows: MemoryRows;
let machine: NamespaceMachine;
let index: number;

beforeEach(async () => {
  rows = new MemoryRows();
  machine = await open();
  index = 0;
});

const open = () => NamespaceMachine.open({ rows, absenceFilterBytes: 64 });

function apply(...command: NamespaceCommand): void {
  index += 1;
  const parsed = machine.parseCommand(encodeCommand(command));
  machine.apply(parsed, { index, logTimeMs: index, wallMs: index });
  machine.commit(index, []);
}

const directory = (path: string) =>
  ({
    kind: 'mkdir',
    path: byteString(path),
    parents: true,
    attributes: NO_ATTRIBUTES,
  }) as const;
const file = (path: string) =>
  ({ kind: 'create', path: byteString(path), attributes: NO_ATTRIBUTES }) as const;
const removal = (path: string) =>
  ({ kind: 'delete', path: byteString(path), recursive: true }) as const;

/** Ids in the order in which they are given: /a 2, /a/b 3, /a/b/f 4, /c 5, /c/d 6, /c/d/g 7. */
function plant(): void {
  apply(directory('/a/b'));
  apply(file('/a/b/f'));
  apply(directory('/c/d'));
  apply(file('/c/d/g'));
}

async function check(): Promise<TreeReport> {
  const tree = new TreeCheck(new MemoryRows());
  const range = rows.range(ALL);
  while (!range.finished) {
    for (const { key, value } of range.nextPageSync()) tree.add(key, value);
  }
  range.close();
  return await tree.end();
}

const kinds = ({ problems }: TreeReport) => problems.map(({ kind }) => kind);

const keys = new RowWriter(512);
const values = new RowWriter(8192);
const location = (id: number) => Buffer.from(writeNumberedKey(keys, 1, id));
const trash = (sequence: number) => Buffer.from(writeNumberedKey(keys, 2, sequence));
const edge = (parent: number, name: string) =>
  Buffer.from(edgeKey(parent, byteString(name)), 'latin1');

function put(key: Uint8Array, value: Uint8Array): void {
  const batch = rows.batch();
  batch.put(key, value);
  batch.write({ sync: false });
}

function remove(key: Uint8Array): void {
  const batch = rows.batch();
  batch.delete(key);
  batch.write({ sync: false });
}

function rowAt(key: Uint8Array): Buffer {
  const [value] = rows.getManySync([key]);
  if (value === undefined) throw new Error('there is no such row');
  return value;
}

function move(from: Uint8Array, to: Uint8Array): void {
  put(to, rowAt(from));
  remove(from);
}

function changeState(change: (state: TreeState) => void): void {
  const state = readTreeState(new RowReader(), rowAt(STATE_KEY));
  change(state);
  put(STATE_KEY, writeTreeState(values, state));
}

/** A row that is no more what it was, with what is found of it. */
type Plant = readonly [what: string, plant: () => void, found: readonly string[]];

const planted: readonly Plant[] = [
  ['an entry that is gone', () => remove(edge(3, 'f')), ['children', 'location-left', 'count']],
  [
    'an entry too many',
    () => put(edge(3, 'x'), rowAt(edge(3, 'f'))),
    ['children', 'id-twice', 'count'],
  ],
  ['a location that is gone', () => remove(location(4)), ['location-missing']],
  [
    'a location of another place',
    () => put(location(4), writeLocation(values, edgeKey(2, byteString('f')))),
    ['location-wrong'],
  ],
  ['a location too many', () => put(location(1), rowAt(location(2))), ['location-left']],
  [
    'entries of no directory',
    () => move(edge(3, 'f'), edge(7, 'f')),
    ['children', 'location-wrong', 'entries-of-no-directory'],
  ],
  [
    'a directory that is gone',
    () => remove(edge(5, 'd')),
    ['children', 'location-left', 'directory-missing', 'count'],
  ],
  [
    'a directory below itself',
    () => {
      move(edge(1, 'a'), edge(3, 'a'));
      put(location(2), writeLocation(values, edgeKey(3, byteString('a'))));
    },
    ['children', 'children', 'cycle'],
  ],
  ['the root that is gone', () => remove(Buffer.alloc(8)), ['root', 'directory-missing', 'count']],
  [
    'an id that was never given',
    () =>
      changeState((state) => {
        state.nextId = 7;
        state.counts[1] -= 1;
      }),
    ['id-never-given', 'count'],
  ],
  [
    'a row of an unknown format',
    () => put(edge(3, 'f'), Buffer.of(0xe0, 1)),
    ['row-damaged', 'location-left', 'count'],
  ],
  [
    'counts that are wrong',
    () =>
      changeState(({ counts }) => {
        counts[1] -= 1;
      }),
    ['count'],
  ],
  ['the state that is gone', () => remove(STATE_KEY), ['state']],
  [
    'a commit that is gone',
    () =>
      changeState((state) => {
        state.appliedIndex += 1;
      }),
    ['commits'],
  ],
  [
    'a row that is cut',
    () => put(edge(3, 'f'), rowAt(edge(3, 'f')).subarray(0, -1)),
    ['row-damaged', 'location-left', 'count'],
  ],
  [
    'a session that nobody can read',
    () => put(Buffer.of(RowKind.Framework, 1, 9), Buffer.of(0xc1)),
    ['row-damaged'],
  ],
  [
    'a hash of the state that is cut',
    () => put(Buffer.of(RowKind.Framework, 2), Buffer.of(0x91)),
    ['row-damaged'],
  ],
  ['a row of no kind', () => put(Buffer.of(9, 1), Buffer.of(1)), ['row-unknown']],
  ['a name that is none', () => put(edge(3, '..'), rowAt(edge(3, 'f'))), ['row-unknown']],
  ['a number that is none', () => put(Buffer.of(1, 1), rowAt(location(2))), ['row-unknown']],
  [
    'a directory in the trash that is in the tree',
    () => {
      put(trash(0), writeTrashed(values, { id: 3, after: byteString('') }));
      changeState((state) => {
        state.trashTail = 1;
      });
    },
    ['trash'],
  ],
  [
    'a trash that is said to be there',
    () =>
      changeState((state) => {
        state.trashTail = 1;
      }),
    ['trash'],
  ],
  [
    'a start row of a directory that is gone',
    () => put(Buffer.from(edgePrefix(6000), 'latin1'), START_ROW),
    ['id-never-given', 'start-row'],
  ],
  ['a start row within a directory', () => put(edge(3, 'g'), START_ROW), ['start-row']],
  [
    'a start row of a file',
    () => put(Buffer.from(edgePrefix(4), 'latin1'), START_ROW),
    ['start-row'],
  ],
];

describe('a tree that is sound', () => {
  it('is counted, and has no problems', async () => {
    plant();
    const { digest, ...report } = await check();
    expect(report).toEqual({
      appliedIndex: 4,
      rows: rows.size,
      directories: 5,
      files: 2,
      symbolicLinks: 0,
      trash: 0,
      problemCount: 0,
      problems: [],
    });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is sound after whatever was done to it, and while what was deleted is given back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryCommand, { maxLength: 30 }), async (commands) => {
        rows = new MemoryRows();
        machine = await open();
        index = 0;
        for (const command of commands) apply(...command);
        expect(await check()).toMatchObject({ problems: [] });
        while (machine.pendingWork() !== undefined) {
          apply({ kind: 'reclaim', maxEntries: 1 });
          expect(await check()).toMatchObject({ problems: [] });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has the digest of another that has applied the same, and no other', async () => {
    plant();
    const { digest } = await check();
    rows = new MemoryRows();
    machine = await open();
    index = 0;
    plant();
    // Divides its commits in another way.
    machine = await open();
    expect((await check()).digest).toBe(digest);
    apply(removal('/a/b/f'));
    expect((await check()).digest).not.toBe(digest);
  });
});

describe('of a tree that is not', () => {
  it.each(planted)('%s is found', async (_, change, found) => {
    plant();
    change();
    const report = await check();
    expect(kinds(report).sort()).toEqual([...found].sort());
    expect(report.problemCount).toBe(found.length);
  });

  it('what was given back already, and is still there, is found', async () => {
    plant();
    apply(file('/a/b/g'), removal('/a'));
    apply({ kind: 'reclaim', maxEntries: 1 });
    expect(await check()).toMatchObject({ problems: [] });
    put(edge(2, 'a'), rowAt(edge(3, 'g')));
    expect(kinds(await check())).toContain('trash');
  });

  it('so many problems are kept, and all are counted', async () => {
    apply(directory('/a'));
    for (let i = 0; i < 150; i++) apply(file(`/a/${i}`));
    for (let id = 3; id < 153; id++) remove(location(id));
    const { problemCount, problems } = await check();
    expect([problemCount, problems.length]).toEqual([150, 100]);
  });

  it('whatever is altered ends the check with a report, and shows in the digest', async () => {
    plant();
    apply(file('/a/b/g'), removal('/a'));
    apply({ kind: 'reclaim', maxEntries: 1 });
    const { digest } = await check();
    const sound = rows.dump().map((row) => row.map((text) => Buffer.from(text, 'latin1')));
    const bytes = fc.uint8Array({ maxLength: 600 }).map((part) => Buffer.from(part));
    const alteration = fc.record({
      at: fc.nat(sound.length - 1),
      of: fc.constantFrom('key', 'value'),
      cut: fc.nat(40),
      put: bytes,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(alteration, { minLength: 1, maxLength: 3 }), async (altered) => {
        const changed = sound.map(([key = Buffer.of(), value = Buffer.of()]) => ({ key, value }));
        for (const { at, of, cut, put } of altered) {
          const row = changed[at];
          if (row === undefined) continue;
          const text = of === 'key' ? row.key : row.value;
          const other = Buffer.concat([
            text.subarray(0, cut),
            put,
            text.subarray(cut + put.length),
          ]);
          changed[at] = of === 'key' ? { ...row, key: other } : { ...row, value: other };
        }
        const tree = new TreeCheck(new MemoryRows());
        try {
          for (const { key, value } of changed) tree.add(key, value);
        } catch (error) {
          expect(error).toMatchObject({ code: 'DATA_FOREIGN' });
          return;
        }
        const report = await tree.end();
        const isSame = ({ key, value }: Row, at: number) =>
          sound[at]?.[0]?.equals(key) === true && sound[at]?.[1]?.equals(value) === true;
        if (changed.every(isSame)) expect(report).toMatchObject({ digest, problems: [] });
        // Rows that say which commits are there are none of the state.
        const others = changed.every(
          (row, at) => sound[at]?.[0]?.[0] === RowKind.Commits || isSame(row, at),
        );
        if (report.problemCount === 0 && report.digest === digest) expect(others).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('a location of no inode at all, and a name too long for one, are found', async () => {
    plant();
    put(location(0), rowAt(location(2)));
    put(trash(0), writeTrashed(values, { id: 3, after: byteString('n'.repeat(300)) }));
    expect(kinds(await check()).sort()).toEqual(['row-damaged', 'row-unknown']);
  });

  it('rows out of order are found', async () => {
    plant();
    const tree = new TreeCheck(new MemoryRows());
    const range = rows.range(ALL);
    const page = [...range.nextPageSync()];
    const [first, second, ...others] = page;
    if (first === undefined || second === undefined) throw new Error('rows were expected');
    for (const { key, value } of [second, first, ...others]) tree.add(key, value);
    expect(kinds(await tree.end())).toContain('row-order');
  });

  it('what a later version wrote ends the check', () => {
    const tree = new TreeCheck(new MemoryRows());
    const later = expect.objectContaining({ code: 'DATA_FOREIGN' });
    expect(() => tree.add(Buffer.from(STATE_KEY), Buffer.of(9, 9))).toThrow(later);
  });
});

describe('a ring of directories', () => {
  it('has one lowest, whatever hangs below it, and others have none', () => {
    const ring = fc.uniqueArray(fc.integer({ min: 2, max: 60 }), { minLength: 1, maxLength: 12 });
    const below = fc.array(
      fc.tuple(fc.integer({ min: 61, max: 90 }), fc.integer({ min: 2, max: 90 })),
    );
    fc.assert(
      fc.property(ring, below, fc.boolean(), (ids, others, closed) => {
        const parents = new Map(others);
        ids.forEach((id, at) => {
          const next = ids[(at + 1) % ids.length] ?? 1;
          parents.set(id, at + 1 === ids.length && !closed ? 1 : next);
        });
        const edgeOf = (id: number) => {
          const parent = parents.get(id);
          return parent === undefined ? undefined : edgeKey(parent, byteString('n'));
        };
        const expected = new Set<number>();
        for (const id of parents.keys()) {
          const seen = new Set<number>();
          let at: number | undefined = id;
          while (at !== undefined && !seen.has(at)) {
            seen.add(at);
            at = parents.get(at);
          }
          if (at === undefined) continue;
          let lowest = at;
          for (let member = parents.get(at); member !== at && member !== undefined; ) {
            lowest = Math.min(lowest, member);
            member = parents.get(member);
          }
          expected.add(lowest);
        }
        const found = [...parents.keys()].filter((id) => isLowestOfRing(id, edgeOf));
        expect(new Set(found)).toEqual(expected);
      }),
    );
  });
});
