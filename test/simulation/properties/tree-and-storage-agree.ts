import type { NamedProperty } from '../property.js';
import { INCOMPLETE, NOTHING } from '../storage/stored-files.js';

/**
 * Once nobody works in a mount any more and all of its storage was looked at, the tree has what the storage has: names,
 * types, sizes and fingerprints. That no change is left under way, and no lock, is waited for before.
 */
export const treeAndStorageAgree: NamedProperty = {
  name: 'tree-and-storage-agree',
  create(_world, violate) {
    return {
      mountSettled({ tree, stored }) {
        // Whatever is there is not looked at before its client has said that it is written.
        const incomplete = [...tree].flatMap(([path, word]) => (word === INCOMPLETE ? [path] : []));
        for (const path of new Set([...tree.keys(), ...stored.keys()])) {
          if (incomplete.some((each) => path === each || path.startsWith(`${each}/`))) continue;
          const [here, there] = [tree.get(path) ?? NOTHING, stored.get(path) ?? NOTHING];
          if (here !== there) violate(`at ${path} the tree has ${here}, the storage ${there}`);
        }
      },
    };
  },
};
