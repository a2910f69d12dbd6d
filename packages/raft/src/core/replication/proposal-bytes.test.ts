import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProposalBytes } from './proposal-bytes.js';

describe('bytes of proposals', () => {
  it('are those behind what is committed, and behind what is applied', () => {
    const steps = fc.array(
      fc.record({
        added: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3000 }),
        committed: fc.nat(3000),
        applied: fc.nat(3000),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const bytes = new ProposalBytes();
        const ends: { readonly lastIndex: number; readonly size: number }[] = [];
        const sizeBehind = (index: number) =>
          ends.reduce((sum, { lastIndex, size }) => (lastIndex > index ? sum + size : sum), 0);
        let [last, commit, applied] = [0, 0, 0];
        for (const step of all) {
          for (const entries of step.added) {
            last += entries;
            ends.push({ lastIndex: last, size: entries * 10 });
            bytes.add(last, entries * 10);
          }
          commit = Math.min(last, commit + step.committed);
          bytes.committedTo(commit);
          applied = Math.min(commit, applied + step.applied);
          bytes.appliedTo(applied);
          expect(bytes.uncommittedBytes).toBe(sizeBehind(commit));
          expect(bytes.unappliedBytes).toBe(sizeBehind(applied));
        }
      }),
    );
  });

  it('that were applied before anybody counted them as committed are neither', () => {
    const bytes = new ProposalBytes();
    bytes.add(1, 10);
    bytes.add(2, 20);
    bytes.appliedTo(1);
    expect(bytes).toMatchObject({ uncommittedBytes: 20, unappliedBytes: 20 });
    bytes.committedTo(2);
    expect(bytes).toMatchObject({ uncommittedBytes: 0, unappliedBytes: 20 });
    bytes.appliedTo(2);
    bytes.add(3, 30);
    expect(bytes).toMatchObject({ uncommittedBytes: 30, unappliedBytes: 30 });
  });
});
