import type { ClientPlace, Suite } from '../suite.js';
import { masters } from './masters.js';
import { carryOutNames, carryOutSet, carryOutTree, type NamespaceCall } from './namespace-calls.js';
import { TreeClient } from './tree-client.js';

function clients(call: NamespaceCall) {
  return async (place: ClientPlace) => new TreeClient(place, call);
}

/** Masters of inode-app, asked by its own client. */
export const suite: Suite = {
  name: 'inode-app',
  about: 'masters of inode-app, one replicated tree of directories and files',
  database: masters,
  clients: {
    inode: clients(carryOutTree),
    renames: clients(carryOutTree),
    names: clients(carryOutNames),
    set: clients(carryOutSet),
  },
  // What docs/errors.md has for calls that may take their time; refusals are answers.
  errorCodes: new Set(['UNAVAILABLE', 'OUTCOME_UNKNOWN', 'ABORTED']),
};
