import assert from 'node:assert/strict';
import { type ComplianceBodies, type ComplianceCase, complianceCases } from '@raft-ts/net/testing';
import { GROUP } from '../core/group.js';
import { EMPTY_MEMBERSHIP } from '../core/membership/membership.js';
import type { SnapshotBlock, SnapshotManifest } from '../snapshot/snapshot-block.js';
import { SnapshotEncoder } from '../snapshot/snapshot-encoder.js';
import type { SnapshotHeader } from '../snapshot/snapshot-header.js';
import { SnapshotParser } from '../snapshot/snapshot-parser.js';
import type { SnapshotReceiver } from '../snapshot/snapshot-receiver.js';

/** A disk, and the state that lies on it; made for one case. */
export interface SnapshotReceiverHome {
  /** What snapshots have to say to be taken. */
  readonly header: Pick<SnapshotHeader, 'clusterId' | 'application'>;
  /**
   * A receiver, as a process that has just started makes one. The last one is not used any more; nobody
   * told it.
   */
  open(): Promise<SnapshotReceiver>;
  /** The rows of the state: key and value as text. */
  installed(): Promise<ReadonlyMap<string, string>>;
  /** Removes everything. Called once. */
  remove(): Promise<void>;
}

/**
 * What every SnapshotReceiver for rows must do, as cases for any test runner:
 *
 * ```ts
 * describe('my receiver', () => {
 *   for (const { name, run } of snapshotReceiverCompliance(createHome)) it(name, run);
 * });
 * ```
 */
export function snapshotReceiverCompliance(
  createHome: () => Promise<SnapshotReceiverHome>,
): ComplianceCase[] {
  return complianceCases(cases, createHome);
}

interface Snapshot {
  readonly manifest: SnapshotManifest;
  readonly blocks: readonly SnapshotBlock[];
  readonly rows: ReadonlyMap<string, string>;
}

/** Some of them to a block. */
const VALUE = 'v'.repeat(300_000);

function snapshotOf(home: SnapshotReceiverHome, index: number, keys: readonly string[]): Snapshot {
  const encoder = new SnapshotEncoder({
    ...home.header,
    group: GROUP,
    base: { index, term: 2, membership: EMPTY_MEMBERSHIP },
    contents: 'rows',
  });
  const rows = new Map(keys.map((key) => [key, `${VALUE}${key} of ${index}`]));
  const bytes = [encoder.headerBytes];
  for (const [key, value] of rows) {
    const full = encoder.addRow({ key: Buffer.from(key), value: Buffer.from(value) });
    if (full !== undefined) bytes.push(full);
  }
  const { bytes: last, manifest } = encoder.end();
  const parser = new SnapshotParser();
  for (const part of [...bytes, ...last]) parser.push(part);
  const blocks: SnapshotBlock[] = [];
  for (let block = parser.next(); block !== undefined; block = parser.next()) blocks.push(block);
  return { manifest, blocks, rows };
}

/** Ascending, in the order of their bytes. */
const keys = (count: number, prefix = 'key') =>
  Array.from({ length: count }, (_, i) => `${prefix} ${String(i).padStart(4, '0')}`);

/** Begins, or goes on, and takes in up to `upTo` blocks; returns how many were there before. */
async function receive(
  receiver: SnapshotReceiver,
  { manifest, blocks }: Snapshot,
  upTo: number,
): Promise<number> {
  const position = await receiver.begin(manifest);
  const had = position.blocks;
  const before = blocks[had - 1]?.end;
  if (had > 0) assert.deepEqual(position, before);
  else assert.equal(position.offset, manifest.headerBytes.byteLength);
  for (const block of blocks.slice(had, upTo)) await receiver.accept(block);
  return had;
}

async function install(receiver: SnapshotReceiver, snapshot: Snapshot): Promise<void> {
  await receive(receiver, snapshot, snapshot.blocks.length);
  await using fetched = await receiver.complete();
  assert.deepEqual(fetched.base, snapshot.manifest.header.base);
  await fetched.install();
}

async function assertInstalled(
  home: SnapshotReceiverHome,
  rows: ReadonlyMap<string, string>,
): Promise<void> {
  const found = await home.installed();
  assert.deepEqual([...found.keys()].sort(), [...rows.keys()].sort());
  for (const [key, value] of rows) assert.ok(found.get(key) === value, `the value of ${key}`);
}

const NOTHING: ReadonlyMap<string, string> = new Map();

const cases: ComplianceBodies<SnapshotReceiverHome> = {
  'takes in a snapshot of several blocks, and installs it': async (home) => {
    const snapshot = snapshotOf(home, 7, keys(20));
    assert.ok(snapshot.blocks.length > 3);
    await install(await home.open(), snapshot);
    await assertInstalled(home, snapshot.rows);
  },

  'takes in an empty one': async (home) => {
    const receiver = await home.open();
    await install(receiver, snapshotOf(home, 7, keys(3)));
    await install(receiver, snapshotOf(home, 8, []));
    await assertInstalled(home, NOTHING);
  },

  'shows nothing of it before it is installed': async (home) => {
    const receiver = await home.open();
    const snapshot = snapshotOf(home, 7, keys(8));
    await receive(receiver, snapshot, snapshot.blocks.length);
    await assertInstalled(home, NOTHING);
    await using fetched = await receiver.complete();
    await assertInstalled(home, NOTHING);
    await fetched.install();
    await assertInstalled(home, snapshot.rows);
  },

  'keeps what comes later when one that is not wanted is given up': async (home) => {
    const receiver = await home.open();
    const former = snapshotOf(home, 7, keys(8));
    await receive(receiver, former, former.blocks.length);
    const unwanted = await receiver.complete();
    const later = snapshotOf(home, 9, keys(12));
    const receiving = receive(receiver, later, 2);
    await unwanted[Symbol.asyncDispose]();
    await receiving;
    assert.equal((await receiver.begun())?.id, later.manifest.id);
    await receive(receiver, later, later.blocks.length);
    await using fetched = await receiver.complete();
    await unwanted[Symbol.asyncDispose]();
    await fetched.install();
    await assertInstalled(home, later.rows);
  },

  'replaces all of the former state': async (home) => {
    const receiver = await home.open();
    await install(receiver, snapshotOf(home, 7, keys(8, 'former')));
    const snapshot = snapshotOf(home, 9, keys(5));
    await install(receiver, snapshot);
    await assertInstalled(home, snapshot.rows);
    await home.open();
    await assertInstalled(home, snapshot.rows);
  },

  'goes on after a restart, however far it was': async (home) => {
    const snapshot = snapshotOf(home, 7, keys(14));
    const { blocks, manifest } = snapshot;
    let had = 0;
    for (let upTo = 1; upTo <= blocks.length; upTo++) {
      const receiver = await home.open();
      if (upTo > 1) assert.equal((await receiver.begun())?.id, manifest.id);
      had = await receive(receiver, snapshot, upTo);
      assert.ok(had <= upTo - 1, `${had} blocks of ${upTo - 1}`);
    }
    assert.ok(had > 0, 'nothing was kept');
    const receiver = await home.open();
    await install(receiver, snapshot);
    await assertInstalled(home, snapshot.rows);
  },

  'goes on without a restart, when another server is asked': async (home) => {
    const snapshot = snapshotOf(home, 7, keys(14));
    const receiver = await home.open();
    await receive(receiver, snapshot, 2);
    assert.equal(await receive(receiver, snapshot, 3), 2);
    await install(receiver, snapshot);
    await assertInstalled(home, snapshot.rows);
  },

  'forgets what it had of another one': async (home) => {
    const receiver = await home.open();
    const former = snapshotOf(home, 7, keys(14, 'former'));
    const snapshot = snapshotOf(home, 7, keys(14));
    assert.notEqual(former.manifest.id, snapshot.manifest.id);
    await receive(receiver, former, former.blocks.length - 1);
    assert.equal(await receive(receiver, snapshot, 1), 0);
    const again = await home.open();
    assert.equal((await again.begun())?.id, snapshot.manifest.id);
    await install(again, snapshot);
    await assertInstalled(home, snapshot.rows);
  },

  'has nothing begun at first, once discarded, and once completed': async (home) => {
    let receiver = await home.open();
    const snapshot = snapshotOf(home, 7, keys(8));
    assert.equal(await receiver.begun(), undefined);
    await receiver.discard();
    await receive(receiver, snapshot, 2);
    await receiver.discard();
    assert.equal(await receiver.begun(), undefined);
    await receive(receiver, snapshot, 2);
    receiver = await home.open();
    await receiver.discard();
    receiver = await home.open();
    assert.equal(await receiver.begun(), undefined);
    assert.equal(await receive(receiver, snapshot, snapshot.blocks.length), 0);
    await (await receiver.complete())[Symbol.asyncDispose]();
    assert.equal(await receiver.begun(), undefined);
  },

  'leaves the state alone when one is not installed': async (home) => {
    const receiver = await home.open();
    const snapshot = snapshotOf(home, 7, keys(8));
    await install(receiver, snapshot);
    const other = snapshotOf(home, 9, keys(5, 'other'));
    await receive(receiver, other, other.blocks.length);
    await (await receiver.complete())[Symbol.asyncDispose]();
    await assertInstalled(home, snapshot.rows);
    const again = await home.open();
    await assertInstalled(home, snapshot.rows);
    // And nothing of it is in the way of the next one.
    await install(again, other);
    await assertInstalled(home, other.rows);
  },

  'has the former state after a restart between completing and installing': async (home) => {
    const receiver = await home.open();
    const snapshot = snapshotOf(home, 7, keys(8));
    await install(receiver, snapshot);
    const other = snapshotOf(home, 9, keys(5, 'other'));
    await receive(receiver, other, other.blocks.length);
    await receiver.complete();
    const again = await home.open();
    await assertInstalled(home, snapshot.rows);
    await install(again, other);
    await assertInstalled(home, other.rows);
  },
};
