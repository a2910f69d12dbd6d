import { describe, expect, test } from 'vitest';
import { importCycles } from './import-cycles.mjs';
import { codeOf, importsIn } from './import-scan.mjs';
import { importProblems, workspacePackages } from './imports.mjs';

const packages = workspacePackages();

/** @param {Record<string, string>} files */
function problemsIn(files) {
  return importProblems(new Map(Object.entries(files)), packages);
}

const RAFT = 'packages/raft/src';
const MACHINES = 'packages/statemachine/src';
const APP = 'packages/inode-app/src';

describe('what may not import what', () => {
  const planted = /** @type {const} */ ([
    [`${RAFT}/core/raft.ts`, '../errors.js', 'core may import nothing outside itself'],
    [`${RAFT}/core/raft.ts`, 'node:fs', 'this layer is pure and imports no package'],
    [`${RAFT}/core/raft.ts`, 'msgpackr', 'this layer is pure and imports no package'],
    [`${RAFT}/log/memory-log-store.ts`, '../replica/replica.js', 'log may import only'],
    [`${RAFT}/log/memory-log-store.ts`, './rocksdb/index.js', 'log may import only'],
    [`${RAFT}/transport/tcp.ts`, '../log/log-store.js', 'transport may import only'],
    [`${RAFT}/testing/log-suite.ts`, '../log/rocksdb/index.js', 'testing may import only'],
    [`${RAFT}/index.ts`, './testing/index.js', 'index may import only'],
    [`${RAFT}/index.ts`, './log/rocksdb/index.js', 'index may import only'],
    [`${RAFT}/replica/replica.ts`, './replica.test.js', 'only tests import tests'],
    [`${RAFT}/elsewhere/thing.ts`, '../errors.js', 'belongs to no layer'],
    [`${RAFT}/replica/replica.ts`, '@raft-ts/statemachine', 'raft-ts may import @raft-ts/net'],
    [`packages/net/src/rpc/rpc.ts`, 'raft-ts', 'may import no other package'],
    [`${RAFT}/replica/replica.ts`, 'raft-ts', 'inside a package, imports are relative'],
    [`${MACHINES}/service.ts`, 'inode-app', 'may import @raft-ts/net, raft-ts'],
    [`${MACHINES}/service.ts`, 'raft-ts/dist/core/raft.js', 'raft-ts exports only'],
    [`${MACHINES}/service.ts`, '../../raft/src/core/raft.js', 'imported by its name'],
    [`${APP}/namespace/inode.ts`, '../store/cache.js', 'namespace may import only'],
    [`${APP}/namespace/inode.ts`, 'lru-cache', 'this layer is pure'],
    [`${APP}/storages/s3/s3-driver.ts`, '../../errors.js', 'storages may import nothing outside'],
    [`${APP}/storages/s3/s3-driver.ts`, '@raft-ts/net', 'may import no other package'],
    [`${APP}/doors/http.ts`, 'http', 'write node:http'],
    ['test/integration/kill.test.ts', 'raft-ts/dist/core/raft.js', 'raft-ts exports only'],
    ['bench/main.ts', '../packages/raft/src/index.js', 'imported by its name'],
  ]);

  test.each(planted)('%s imports %s', (file, specifier, rule) => {
    const [problem, ...more] = problemsIn({ [file]: `import { thing } from '${specifier}';\n` });
    expect(problem).toContain(`${file} imports ${specifier}: `);
    expect(problem).toContain(rule);
    expect(more).toEqual([]);
  });
});

test('what is allowed raises nothing', () => {
  const files = {
    [`${RAFT}/replica/replica.ts`]: "import { Raft } from '../core/raft.js';",
    [`${RAFT}/core/raft.ts`]: "import type { Entry } from './entry.js';",
    [`${RAFT}/core/raft.test.ts`]: "import { MemoryLogStore } from '../log/memory-log.js';",
    [`${RAFT}/testing/log-suite.ts`]: "import type { LogStore } from '../log/log-store.js';",
    [`${MACHINES}/service.ts`]: "import { Replica } from 'raft-ts';",
    [`${APP}/store/inode-store.ts`]: "import { Database } from 'raft-ts/rocksdb';",
    [`${APP}/storages/s3/s3-bucket.ts`]: "import { S3Client } from '@aws-sdk/client-s3';",
    [`${APP}/namespace/byte-string.ts`]: "import { isUtf8 } from 'node:buffer';",
    'test/integration/kill.test.ts': "import { logStoreSuite } from 'raft-ts/testing';",
  };
  expect(problemsIn(files)).toEqual([]);
});

test.each([
  'const now = Date.now();',
  'const at = new Date();',
  'const r = Math.random();',
  'setTimeout(f, 1);',
  "console.log('x');",
])('pure code does not hold %s', (code) => {
  expect(problemsIn({ [`${RAFT}/core/raft.ts`]: code })[0]).toContain('this layer is pure');
  expect(problemsIn({ [`${RAFT}/replica/replica.ts`]: code })).toEqual([]);
  expect(problemsIn({ [`${RAFT}/core/raft.ts`]: `// ${code}\n` })).toEqual([]);
});

test('files do not import in circles', () => {
  const files = {
    [`${RAFT}/core/a.ts`]: "import { b } from './b.js';",
    [`${RAFT}/core/b.ts`]: "export * from './c.js';",
    [`${RAFT}/core/c.ts`]: "import type { A } from './a.js';",
  };
  expect(problemsIn(files)).toEqual([
    `a circle: ${['a', 'b', 'c', 'a'].map((name) => `${RAFT}/core/${name}.ts`).join(' → ')}`,
  ]);
});

test('two circles through one file are both found, a diamond is none', () => {
  const circles = importCycles(
    new Map([
      ['a', ['b', 'c']],
      ['b', ['a']],
      ['c', ['a']],
    ]),
  );
  expect(circles).toEqual([
    ['a', 'b', 'a'],
    ['a', 'c', 'a'],
  ]);
  const diamond = new Map([
    ['a', ['b', 'c']],
    ['b', ['d']],
    ['c', ['d']],
  ]);
  expect(importCycles(diamond)).toEqual([]);
});

test('every form of import is seen, and none in comments', () => {
  const text = `
import a from './a.js';
import {
  type B,
  b,
} from "./b.js";
import * as c from './c.js';
import './d.js';
export { e } from './e.js';
export * from './f.js';
import type { G } from './g.js';
// import h from './h.js';
/** import i from './i.js'; */
const j = await import('./j.js');
const worker = new Worker(new URL('./k.js', import.meta.url));
export const l = 1; const from = 'm.js';
`;
  const names = ['a', 'b', 'c', 'e', 'f', 'g', 'd', 'j', 'k'];
  expect(importsIn(text)).toEqual(names.map((name) => `./${name}.js`));
});

test('code is seen without comments and strings', () => {
  expect(codeOf("a('x // y'); // b\n/* c */d(`e`)")).toBe("a(''); \nd('')");
});
