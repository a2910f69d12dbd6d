// Which part of the code may know of which. Imports run one way:
//
//   inode-app → statemachine → raft → net        jepsen, fuzz → nobody, but jepsen's suites
//   test, bench → everybody's public entries
//
// A layer is a folder or a file below a package's src/; a file belongs to the longest that fits,
// and '' fits all. A file may import its own layer and those that the table names, which open no
// layer within them; its tests may import all of their package. Other packages are imported by the entries they export, only.

/**
 * @typedef {object} Layer
 * @property {readonly string[]} imports other layers that it may import
 * @property {readonly string[]} [packages] the workspace's packages that it may import, in place of the package's own
 * @property {boolean} [pure] imports of other packages PURE_ENTRIES, of Node node:buffer, and uses neither
 *   clock, randomness, promises, the process nor the console: a run is a function of its inputs
 *
 * @typedef {object} PackageRule
 * @property {readonly string[]} packages the workspace's packages that it may import
 * @property {readonly string[]} [testPackages] those that its tests may import besides
 * @property {Readonly<Record<string, Layer>>} layers
 */

/** All layers of the same package. */
const EVERYTHING = ['*'];
/** What transports and logs promise, without any implementation. */
const RAFT_CONTRACTS = ['core', 'errors', 'log/log-store', 'transport/transport'];

/** What every part of the application speaks of. */
const INODE_APP_BASE = ['namespace', 'errors', 'display-names'];

/** What every part of jepsen speaks of. */
const JEPSEN_BASE = ['errors', 'histories', 'random'];

/** @type {Readonly<Record<string, PackageRule>>} */
export const IMPORT_RULES = {
  'packages/fuzz': {
    packages: [],
    layers: { '': { imports: EVERYTHING } },
  },
  'packages/net': {
    packages: [],
    testPackages: ['@raft-ts/fuzz'],
    layers: {
      'coded-error': { imports: [] },
      errors: { imports: ['coded-error', 'wire/wire-value'] },
      async: { imports: [] },
      'async/observe': { imports: [] },
      'address-form': { imports: [], pure: true },
      options: { imports: ['address-form'], pure: true },
      endpoint: { imports: ['address-form', 'errors'] },
      wire: { imports: ['errors'] },
      channel: { imports: ['errors', 'wire'] },
      http: { imports: ['async', 'async/observe', 'endpoint', 'errors', 'options'] },
      rpc: {
        imports: ['async/observe', 'channel', 'endpoint', 'errors', 'options', 'wire'],
      },
      testing: { imports: ['channel', 'coded-error', 'errors', 'rpc', 'wire'] },
      index: { imports: EVERYTHING },
    },
  },
  'packages/raft': {
    packages: ['@raft-ts/net'],
    testPackages: ['@raft-ts/fuzz'],
    layers: {
      core: { imports: [], pure: true },
      errors: { imports: ['core'] },
      // Files, and nothing of a database.
      'rocksdb/caught-error': { imports: [] },
      'rocksdb/disk-space': { imports: [] },
      'log/rocksdb/durable-file': { imports: ['rocksdb/caught-error'] },
      'log/rocksdb/worker-thread': { imports: ['rocksdb/caught-error'] },
      rocksdb: { imports: ['errors', 'rocksdb/caught-error', 'rocksdb/disk-space'] },
      log: { imports: ['core', 'errors'] },
      'log/durable': { imports: ['core', 'errors', 'log'] },
      'log/rocksdb': {
        imports: [
          'core',
          'errors',
          'log',
          'log/durable',
          'log/rocksdb/durable-file',
          'log/rocksdb/worker-thread',
          'rocksdb',
          'rocksdb/caught-error',
          'rocksdb/disk-space',
          'snapshot',
          'snapshot/rocksdb',
        ],
      },
      transport: { imports: ['core', 'errors'] },
      snapshot: {
        imports: ['core', 'errors', 'log/rocksdb/durable-file', 'rocksdb/caught-error'],
      },
      'snapshot/rocksdb': {
        imports: [
          'core',
          'errors',
          'log/rocksdb/durable-file',
          'log/rocksdb/worker-thread',
          'rocksdb',
          'rocksdb/caught-error',
          'snapshot',
        ],
      },
      replica: { imports: ['core', 'errors', 'log/log-store', 'transport', 'snapshot'] },
      testing: { imports: [...RAFT_CONTRACTS, 'log', 'log/durable', 'snapshot', 'transport'] },
      // What needs the native module is behind an entry of its own.
      index: {
        imports: [
          'core',
          'errors',
          'log',
          'replica',
          'rocksdb/disk-space',
          'snapshot',
          'transport',
        ],
      },
      'example.test.support': { imports: ['index', 'log/rocksdb'] },
    },
  },
  'packages/statemachine': {
    packages: ['@raft-ts/net', 'raft-ts'],
    testPackages: ['@raft-ts/fuzz'],
    layers: { '': { imports: EVERYTHING } },
  },
  'packages/inode-app': {
    packages: ['@raft-ts/net', 'raft-ts', '@raft-ts/statemachine'],
    testPackages: ['@raft-ts/fuzz'],
    layers: {
      namespace: { imports: ['errors'], pure: true },
      errors: { imports: [] },
      // Could be a package of its own.
      storages: { imports: [], packages: [] },
      'display-names': { imports: ['namespace'] },
      mounts: { imports: [...INODE_APP_BASE, 'storages'] },
      store: { imports: INODE_APP_BASE },
      client: { imports: INODE_APP_BASE },
      doors: { imports: INODE_APP_BASE },
      master: { imports: EVERYTHING },
      cli: { imports: [...INODE_APP_BASE, 'store', 'client', 'master'] },
      index: { imports: EVERYTHING },
    },
  },
  jepsen: {
    packages: [],
    layers: {
      errors: { imports: [], pure: true },
      random: { imports: [], pure: true },
      histories: { imports: ['errors'], pure: true },
      'histories/file': { imports: ['errors', 'histories'] },
      checkers: { imports: ['errors', 'histories'], pure: true },
      'checkers/linearizability/run': {
        imports: ['errors', 'histories', 'checkers'],
      },
      // Judges a history in threads, within limits of time.
      'checkers/linearizability/threads': { imports: ['histories', 'checkers'] },
      'checkers/linearizability/judge-parts': {
        imports: ['histories', 'checkers', 'checkers/linearizability/threads'],
      },
      'checkers/linearizability/linearizability': {
        imports: [
          'histories',
          'checkers',
          'checkers/linearizability/judge-parts',
          'checkers/linearizability/threads',
        ],
      },
      'checkers/linearizability/linearizability-checkers': {
        imports: ['checkers', 'checkers/linearizability/linearizability'],
      },
      logs: { imports: ['errors', 'histories', 'checkers'], pure: true },
      cluster: { imports: JEPSEN_BASE },
      nemeses: { imports: [...JEPSEN_BASE, 'cluster'] },
      workloads: {
        imports: [
          ...JEPSEN_BASE,
          'checkers',
          'checkers/linearizability/run',
          'checkers/linearizability/linearizability',
          'checkers/linearizability/linearizability-checkers',
        ],
      },
      suites: {
        imports: [
          ...JEPSEN_BASE,
          'cluster',
          'workloads',
          'suites/inode-app',
          'suites/key-value',
          'suites/broken-register',
        ],
      },
      // As a stranger's would be written.
      'suites/broken-register': { imports: ['index'] },
      // Loaded only where they are asked for: whoever tests something else does without our packages.
      'suites/inode-app': {
        packages: ['inode-app'],
        imports: [...JEPSEN_BASE, 'cluster', 'workloads', 'suites'],
      },
      'suites/key-value': {
        packages: ['@raft-ts/net', 'raft-ts', '@raft-ts/statemachine'],
        imports: [...JEPSEN_BASE, 'cluster', 'workloads', 'suites'],
      },
      selftest: {
        imports: [
          ...JEPSEN_BASE,
          'histories/file',
          'checkers',
          'cluster',
          'matrix',
          'nemeses',
          'run',
          'store',
          'suites',
          'suites/broken-register',
          'suites/inode-app',
          'suites/key-value',
          'workloads',
        ],
      },
      store: { imports: [...JEPSEN_BASE, 'histories/file', 'checkers', 'cluster'] },
      report: { imports: [...JEPSEN_BASE, 'checkers', 'cluster', 'report/page'] },
      // Runs in a browser.
      'report/page': { imports: [] },
      'report/site': { imports: ['errors', 'checkers', 'report', 'store'] },
      run: {
        imports: [
          ...JEPSEN_BASE,
          'histories/file',
          'checkers',
          'checkers/linearizability/run',
          'cluster',
          'nemeses',
          'report',
          'store',
          'suites',
          'workloads',
        ],
      },
      // What came of many tests.
      matrix: { imports: [...JEPSEN_BASE, 'checkers', 'report', 'run', 'store'] },
      cli: { imports: EVERYTHING },
      index: { imports: EVERYTHING },
      'example.test.support': { imports: ['index'] },
    },
  },
  test: {
    packages: ['@raft-ts/net', 'raft-ts', '@raft-ts/statemachine', 'inode-app', '@raft-ts/jepsen'],
    layers: { '': { imports: EVERYTHING } },
  },
  bench: {
    packages: ['@raft-ts/net', 'raft-ts', '@raft-ts/statemachine', 'inode-app', '@raft-ts/jepsen'],
    layers: { '': { imports: EVERYTHING } },
  },
};

/** Entries that are pure themselves. */
export const PURE_ENTRIES = ['@raft-ts/net/options'];

/** What pure code does not name, beyond imports. */
export const IMPURE =
  /\b(Date\.now|new Date\b|Math\.random|performance\.|setTimeout|setInterval|setImmediate|queueMicrotask|new Promise|Promise\.|process\.|console\.|crypto\.)/;
