// Which part of the code may know of which. Imports run one way:
//
//   inode-app → statemachine → raft        jepsen → nobody
//   test, bench → everybody's public entries
//
// A layer is a folder or a file below a package's src/; a file belongs to the longest that fits,
// and '' fits all. A file may import its own layer and those that the table names; its tests may
// import all of their package. Other packages are imported by the entries they export, only.

/**
 * @typedef {object} Layer
 * @property {readonly string[]} imports other layers that it may import
 * @property {boolean} [pure] imports no package, nothing of Node but node:buffer, and uses neither
 *   clock, randomness, promises, the process nor the console: a run is a function of its inputs
 *
 * @typedef {object} PackageRule
 * @property {readonly string[]} packages the workspace's packages that it may import
 * @property {Readonly<Record<string, Layer>>} layers
 */

/** All layers of the same package. */
const EVERYTHING = ['*'];
/** What transports and logs promise, without any implementation. */
const RAFT_CONTRACTS = [
  'core',
  'clock',
  'errors',
  'log/log-store',
  'transport/transport',
  'transport/rpc',
];
const RAFT_LAYERS = [
  'core',
  'clock',
  'disk-space',
  'errors',
  'log',
  'transport',
  'snapshot',
  'rocksdb',
  'replica',
];

/** What every part of the application speaks of. */
const INODE_APP_BASE = ['namespace', 'errors', 'display'];

/** @type {Readonly<Record<string, PackageRule>>} */
export const IMPORT_RULES = {
  'packages/raft': {
    packages: [],
    layers: {
      core: { imports: [], pure: true },
      errors: { imports: [] },
      clock: { imports: [] },
      abortable: { imports: [] },
      'disk-space': { imports: [] },
      rocksdb: { imports: ['abortable', 'disk-space', 'errors'] },
      log: { imports: ['abortable', 'core', 'clock', 'disk-space', 'errors', 'rocksdb'] },
      transport: { imports: ['core', 'clock', 'errors'] },
      snapshot: { imports: ['core', 'clock', 'errors'] },
      replica: {
        imports: ['abortable', 'core', 'clock', 'errors', 'log', 'transport', 'snapshot'],
      },
      testing: { imports: [...RAFT_CONTRACTS, 'log/memory-log-store'] },
      index: { imports: RAFT_LAYERS },
      'example.test.support': { imports: ['index'] },
    },
  },
  'packages/statemachine': {
    packages: ['raft-ts'],
    layers: { '': { imports: EVERYTHING } },
  },
  'packages/inode-app': {
    packages: ['raft-ts', '@raft-ts/statemachine'],
    layers: {
      namespace: { imports: [], pure: true },
      errors: { imports: ['namespace'] },
      display: { imports: ['namespace'] },
      store: { imports: INODE_APP_BASE },
      client: { imports: INODE_APP_BASE },
      server: { imports: [...INODE_APP_BASE, 'store'] },
      cli: { imports: [...INODE_APP_BASE, 'store', 'client', 'server'] },
      index: { imports: [...INODE_APP_BASE, 'store', 'client', 'server'] },
    },
  },
  jepsen: {
    packages: [],
    layers: {
      errors: { imports: [], pure: true },
      histories: { imports: ['errors'], pure: true },
      checkers: { imports: ['errors', 'histories'], pure: true },
      'checkers/linearizability/run': {
        imports: ['errors', 'histories', 'checkers'],
      },
      logs: { imports: ['errors', 'histories', 'checkers'], pure: true },
      index: { imports: ['errors', 'histories', 'checkers', 'logs'] },
      'example.test.support': { imports: ['index'] },
    },
  },
  test: {
    packages: ['raft-ts', '@raft-ts/statemachine', 'inode-app', '@raft-ts/jepsen'],
    layers: { '': { imports: EVERYTHING } },
  },
  bench: {
    packages: ['raft-ts', '@raft-ts/statemachine', 'inode-app', '@raft-ts/jepsen'],
    layers: { '': { imports: EVERYTHING } },
  },
};

/** What pure code does not name, beyond imports. */
export const IMPURE =
  /\b(Date\.now|new Date\b|Math\.random|performance\.|setTimeout|setInterval|setImmediate|queueMicrotask|new Promise|Promise\.|process\.|console\.|crypto\.)/;
