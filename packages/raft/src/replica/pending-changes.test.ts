import { describe, expect, it } from 'vitest';
import { EntryType } from '../core/log/entry.js';
import { PendingChanges } from './pending-changes.js';

const entry = (index: number, term: number) =>
  ({ index, term, type: EntryType.Membership, data: new Uint8Array(0) }) as const;

describe('changes of the membership that are in the log', () => {
  it('take effect when their entry is applied, and definitely not when another one is', async () => {
    const changes = new PendingChanges(40);
    const [kept, replaced] = [changes.add(5, 2), changes.add(6, 2)];
    changes.applied([entry(5, 2), entry(6, 3)]);
    await expect(kept).resolves.toBeUndefined();
    await expect(replaced).rejects.toMatchObject({ code: 'CHANGE_LOST' });
  });

  it('are of unknown outcome where only this log has another entry, which is not committed', async () => {
    const changes = new PendingChanges(40);
    const before = changes.add(5, 2);
    const now = changes.add(5, 4);
    await expect(before).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    changes.applied([entry(5, 4)]);
    await expect(now).resolves.toBeUndefined();
  });

  it('are of unknown outcome behind a state that was installed, up to its index', async () => {
    const changes = new PendingChanges(40);
    const [covered, behind] = [changes.add(5, 2), changes.add(6, 2)];
    changes.installed(5);
    await expect(covered).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    changes.applied([entry(6, 2)]);
    await expect(behind).resolves.toBeUndefined();
  });
});
