import { changeCases } from './change-cases.js';
import { copyCases } from './copy-cases.js';
import { lifeCases } from './life-cases.js';
import { listingCases } from './listing-cases.js';
import { nameCases } from './name-cases.js';
import { renameCases } from './rename-cases.js';
import { statCases } from './stat-cases.js';
import { StorageBench, type StorageCases } from './storage-bench.js';
import type { StorageComplianceCase, StorageHome } from './storage-home.js';

/**
 * What every Storage must do, as cases for any test runner; each makes a home of its own:
 *
 * ```ts
 * describe('my storage', () => {
 *   for (const { name, run } of storageCompliance(createHome)) it(name, run);
 * });
 * ```
 *
 * What a storage can't do is told by its home and its abilities, and then it must say so as the contract asks.
 */
export function storageCompliance(
  createHome: () => Promise<StorageHome>,
): readonly StorageComplianceCase[] {
  const cases: StorageCases = {
    ...statCases,
    ...listingCases,
    ...nameCases,
    ...changeCases,
    ...renameCases,
    ...copyCases,
    ...lifeCases,
  };
  return Object.entries(cases).map(([name, body]) => ({
    name,
    run: async () => {
      const bench = await StorageBench.open(await createHome());
      try {
        await body(bench);
      } finally {
        await bench.remove();
      }
    },
  }));
}
