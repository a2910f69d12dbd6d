import type { Suite } from '../suite.js';
import { suite } from './inode-app-suite.js';
import { carryOutTree, type NamespaceCall } from './namespace-calls.js';
import { TreeClient } from './tree-client.js';

/** Moves a file by making another one and deleting the first. */
export const renamesInTwoSteps: Suite = {
  ...suite,
  name: 'inode-app-two-steps',
  about: 'inode-app with a bug: a file is moved by making another one and deleting the first',
  clients: { renames: async (place) => new TreeClient(place, inTwoSteps) },
};

const inTwoSteps: NamespaceCall = async (client, input, options) => {
  if (input.kind !== 'rename') return await carryOutTree(client, input, options);
  const { tree = '', source = '', destination = '' } = input;
  const there = await carryOutTree(client, { kind: 'getStatus', tree, path: source }, options);
  // Whole directories are moved as they should be.
  if (typeof there !== 'object' || there === null || !('type' in there) || there.type !== 'file') {
    return await carryOutTree(client, input, options);
  }
  const made = await carryOutTree(client, { kind: 'create', tree, path: destination }, options);
  if (typeof made === 'object' && made !== null && 'error' in made) return made;
  await carryOutTree(client, { kind: 'delete', tree, path: source }, options);
  return made;
};
