import assert from 'node:assert/strict';
import { type ComplianceBodies, type ComplianceCase, complianceCases } from '@raft-ts/net/testing';
import type { SnapshotSource } from '../snapshot/snapshot-source.js';

/** A member that lacks its state, and others that may have it; made for one case. */
export interface SnapshotSourceHome {
  readonly source: SnapshotSource;
  /** From now on the others have a state as of `index`, and no other. */
  offer(index: number): Promise<void>;
  /** From now on nobody has a state. */
  withhold(): Promise<void>;
  /** From now on nobody answers, nor says that nobody will; resolves when that is so. */
  stall(): Promise<void>;
  /** As of which index the state is that is installed; 0 for none. */
  installed(): Promise<number>;
  /** Removes everything. Called once. */
  remove(): Promise<void>;
}

/** What every SnapshotSource must do, as cases for any test runner. */
export function snapshotSourceCompliance(
  createHome: () => Promise<SnapshotSourceHome>,
): ComplianceCase[] {
  return complianceCases(cases, createHome);
}

const never = new AbortController().signal;
const LEADER = 1;

const cases: ComplianceBodies<SnapshotSourceHome> = {
  'fetches a state as of the index, or a later one': async ({ source, offer }) => {
    await offer(7);
    for (const index of [7, 5]) {
      await using fetched = await source.fetch({ from: LEADER, index }, never);
      assert.equal(fetched.base.index, 7);
    }
  },

  'fetches it where nobody leads': async ({ source, offer }) => {
    await offer(7);
    await using fetched = await source.fetch({ from: 0, index: 7 }, never);
    assert.equal(fetched.base.index, 7);
  },

  'installs what was fetched, and nothing before': async (home) => {
    await home.offer(7);
    const fetched = await home.source.fetch({ from: LEADER, index: 7 }, never);
    assert.equal(await home.installed(), 0);
    await fetched.install();
    await fetched[Symbol.asyncDispose]();
    assert.equal(await home.installed(), 7);
  },

  'leaves the state alone when one is not installed': async (home) => {
    await home.offer(7);
    const first = await home.source.fetch({ from: LEADER, index: 7 }, never);
    await first.install();
    await first[Symbol.asyncDispose]();
    await home.offer(9);
    const second = await home.source.fetch({ from: LEADER, index: 9 }, never);
    await second[Symbol.asyncDispose]();
    assert.equal(await home.installed(), 7);
  },

  'rejects when nobody has it, and fetches it once somebody has': async (home) => {
    await home.withhold();
    await assert.rejects(home.source.fetch({ from: LEADER, index: 7 }, never), Error);
    await home.offer(6);
    await assert.rejects(home.source.fetch({ from: LEADER, index: 7 }, never), Error);
    await home.offer(7);
    await using fetched = await home.source.fetch({ from: LEADER, index: 7 }, never);
    assert.equal(fetched.base.index, 7);
  },

  'rejects with the reason when it is aborted, and fetches again': async (home) => {
    const reason = new Error('a newer offer');
    const isReason = (error: unknown) => error === reason;
    const early = home.source.fetch({ from: LEADER, index: 7 }, AbortSignal.abort(reason));
    await assert.rejects(early, isReason);
    const controller = new AbortController();
    const stalled = home.stall();
    const fetching = home.source.fetch({ from: LEADER, index: 7 }, controller.signal);
    await stalled;
    controller.abort(reason);
    await assert.rejects(fetching, isReason);
    await home.offer(7);
    await using fetched = await home.source.fetch({ from: LEADER, index: 7 }, never);
    assert.equal(fetched.base.index, 7);
  },

  'begins the next one though the last has only just been given up': async (home) => {
    await home.offer(7);
    for (let i = 0; i < 5; i++) {
      const controller = new AbortController();
      const given = home.source.fetch({ from: LEADER, index: 5 }, controller.signal);
      const settled = given.then(
        (fetched) => fetched[Symbol.asyncDispose](),
        () => {},
      );
      await new Promise((resolve) => setImmediate(resolve));
      controller.abort(new Error('a newer offer'));
      await using fetched = await home.source.fetch({ from: LEADER, index: 7 }, never);
      assert.equal(fetched.base.index, 7);
      await settled;
    }
  },
};
