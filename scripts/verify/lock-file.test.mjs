import { expect, test } from 'vitest';
import { lockFileProblems } from './lock-file.mjs';

const manifests = [
  { directory: '', manifest: { devDependencies: { knip: '6.0.0' } } },
  { directory: 'packages/raft', manifest: { dependencies: { msgpackr: '2.1.3' } } },
];
const locked = {
  '': { devDependencies: { knip: '6.0.0' } },
  'packages/raft': { dependencies: { msgpackr: '2.1.3' } },
  'node_modules/msgpackr': { version: '2.1.3' },
  'node_modules/raft-ts': { resolved: 'packages/raft', link: true },
};

test('a lock file that fits is accepted', () => {
  expect(lockFileProblems(locked, manifests)).toEqual([]);
});

test('a registry host is found', () => {
  const tied = {
    ...locked,
    'node_modules/knip': { resolved: 'https://registry.example/knip-6.0.0.tgz' },
  };
  expect(lockFileProblems(tied, manifests)).toEqual([
    'node_modules/knip is tied to https://registry.example/knip-6.0.0.tgz',
  ]);
});

test('a dependency that the lock file does not know is found', () => {
  const without = { ...locked, 'packages/raft': {} };
  expect(lockFileProblems(without, manifests)).toEqual([
    'packages/raft/package.json: the lock file has other dependencies',
  ]);
});

test('a platform that the registry at hand did not have is found', () => {
  const compiler = {
    optionalDependencies: { 'compiler-linux': '1.0.0', 'compiler-darwin': '1.0.0' },
  };
  const partly = {
    ...locked,
    'node_modules/compiler': compiler,
    'node_modules/compiler-linux': {},
  };
  expect(lockFileProblems(partly, manifests)).toEqual([
    'node_modules/compiler wants compiler-darwin on some platform: npm ci fails without an entry',
  ]);
});
