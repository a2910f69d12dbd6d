import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_HARD_STATE, EntryType } from '../../core/log/entry.js';
import { takeInteger } from './layout.js';
import { PackedWriteGroup } from './packed-write-group.js';
import { WriteQueue } from './write-queue.js';

const GROUP_BYTES = 1024;
const MAX_GROUPS_SENT = 2;

/** A queue whose writing thread is the test. */
class Harness {
  readonly sent: SharedArrayBuffer[] = [];
  readonly resolved: number[] = [];
  readonly rejected: number[] = [];
  readonly queue = new WriteQueue(GROUP_BYTES, (memory) => this.sent.push(memory));
  #lastIndex = 0;

  /** Adds a write of one entry. */
  add(payloadBytes: number): void {
    const index = ++this.#lastIndex;
    const entry = { index, term: 1, type: EntryType.Command, data: new Uint8Array(payloadBytes) };
    const { term, votedFor, recovery } = EMPTY_HARD_STATE;
    this.queue.add({
      write: { entries: [entry] },
      change: { replacedFrom: 0, termBefore: 0, lastIndexBefore: index - 1, lastIndexAfter: index },
      end: { baseIndex: 0, lastIndex: index, lastTerm: 1, term, votedFor, recovery },
      resolve: () => this.resolved.push(index),
      reject: () => this.rejected.push(index),
    });
  }

  /** The thread writes the oldest groups it has; returns the indexes of their entries. */
  write(groups: number): number[] {
    const written = this.sent.splice(0, groups).map((memory) => new PackedWriteGroup(memory));
    const indexes: number[] = [];
    for (const group of written) {
      group.copyTo({
        put: (key) => indexes.push(takeInteger(Buffer.from(key), 4)),
        delete: () => undefined,
      });
      expect(group.summary.lastIndex).toBe(indexes.at(-1));
    }
    for (const { resolve } of this.queue.completed(written.length)) resolve();
    return indexes;
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('WriteQueue', () => {
  it('writes everything once, in order, whatever the sizes and however slow the thread', async () => {
    const payload = fc.oneof(fc.nat(50), fc.nat(400), fc.integer({ min: 900, max: 5_000 }));
    const step = fc.oneof(
      fc.record({ add: payload }),
      fc.record({ write: fc.integer({ min: 1, max: 2 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const harness = new Harness();
        const written: number[] = [];
        let added = 0;
        for (const each of steps) {
          if ('add' in each) {
            harness.add(each.add);
            added++;
          } else {
            written.push(...harness.write(each.write));
          }
          expect(harness.sent.length).toBeLessThanOrEqual(MAX_GROUPS_SENT);
          expect(harness.resolved).toEqual(written);
        }
        while (harness.sent.length > 0) written.push(...harness.write(1));
        expect(written).toEqual(upTo(added));
        expect(harness.resolved).toEqual(written);
        await harness.queue.idle();
      }),
    );
  });

  it('packs what comes while two groups are written, and takes small memory again', () => {
    const harness = new Harness();
    harness.add(5_000);
    harness.add(10);
    for (let i = 0; i < 5; i++) harness.add(10);
    expect(harness.sent.map((memory) => memory.byteLength > GROUP_BYTES)).toEqual([true, false]);
    expect(harness.write(2)).toEqual([1, 2]);
    expect(harness.write(1)).toEqual([3, 4, 5, 6, 7]);
    for (let i = 0; i < 3; i++) {
      harness.add(10);
      expect(harness.sent[0]?.byteLength).toBe(GROUP_BYTES);
      harness.write(1);
    }
  });

  it('gives back all that is pending when nothing will be written any more', () => {
    const harness = new Harness();
    for (let i = 0; i < 6; i++) harness.add(900);
    harness.write(1);
    for (const { reject } of harness.queue.abandon()) reject(new Error('no disk'));
    expect(harness.resolved).toEqual([1]);
    expect(harness.rejected).toEqual([2, 3, 4, 5, 6]);
  });
});
