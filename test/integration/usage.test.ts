import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const APP = 'packages/inode-app/bin/inode-app.js';

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, [...args], { cwd: ROOT, encoding: 'utf8', input: '' });
}

const MASTER = ['master', '--id', '1', '--cluster-id', 'c', '--data', '/nowhere'];

it.each([
  ['bench/dist/main.js', ['--seconds', 'x'], ['--client-port', '65534']],
  ['bench/dist/core.js', ['--groups', '0'], ['more']],
  ['bench/dist/failover.js', ['--kills', 'x'], ['--how', 'toString']],
  ['bench/dist/rpc.js', ['x'], ['1', '2']],
  ['bench/dist/namespace.js', ['0'], ['1.5']],
  ['bench/dist/linearizability.js', ['-1']],
  ['test/dist/simulation/run.js', ['--runs', '0'], ['more']],
  ['test/dist/mutants/run.js', ['--seed', 'x']],
  ['test/dist/fuzz/run.js', ['--seconds', 'x']],
  ['test/dist/scripts/run.js', ['--nonsense'], ['/nowhere']],
  ['test/dist/compatibility/run.js', ['0.1'], ['0.1.0', 'more']],
  ['scripts/verify.mjs', ['more']],
  ['scripts/prepare.mjs', ['more']],
  ['scripts/test.mjs', ['more']],
  [
    APP,
    ['nonsense'],
    ['status', '--timeout', 'x'],
    ['cluster', '--log-limit', 'x'],
    ['cluster', '--snapshot-rate', '0'],
    ['status', '--addresses', 'x'],
    [...MASTER, '--members', '1=x'],
    [...MASTER, '--members', '1=a:1/b:1', '--memory', 'abc'],
    [...MASTER, '--members', '1=a:1/b:1', '--resume-free', 'x'],
    [...MASTER, '--members', '1=a:1/b:1', '--listen', 'x'],
    [...MASTER, '--members', '1=a:1/b:1', '--cluster-id', ''],
  ],
])('%s tells its usage, and wrong usage in one line with exit code 2', (program, ...wrong) => {
  const help = run(program, '--help');
  expect(help).toMatchObject({ status: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Usage: .+\n/);
  for (const args of wrong) {
    const { status, stderr } = run(program, ...args);
    expect({ args, status, stderr }).toEqual({
      args,
      status: 2,
      stderr: expect.stringMatching(/^.+\n$/),
    });
  }
});
