import { afterEach, describe, expect, it, vi } from 'vitest';
import { commandOf, planOf, type TestOptions } from './test-options.js';

const OPTIONS: TestOptions = {
  time: 5,
  nodes: 3,
  concurrency: 4,
  rate: 50,
  timeout: 1,
  patience: 1,
  network: 'proxies',
  store: 'store',
  checkTime: 10,
  checkMemory: 64,
  threads: 0,
};

describe('the options of a test', () => {
  it('take the first suite that has clients for the workload', async () => {
    expect((await planOf(OPTIONS, 'inode', '', 1)).suite.name).toBe('inode-app');
    expect((await planOf(OPTIONS, 'counter', '', 1)).suite.name).toBe('key-value');
  });

  afterEach(() => void vi.unstubAllEnvs());

  it.each([
    ['jepsen', 'npm run jepsen --'],
    ['npx', 'npx jepsen'],
  ])(
    'are said again by the command that runs the test again, as %s began it',
    async (script, program) => {
      vi.stubEnv('npm_lifecycle_event', script);
      const plan = await planOf({ ...OPTIONS, suite: 'etcd' }, 'register', '', 9);
      expect(commandOf(plan, { ...OPTIONS, suite: 'etcd' })).toBe(
        `${program} test --workload register --suite etcd --time 5 --nodes 3 --concurrency 4` +
          ' --rate 50 --timeout 1 --patience 1 --network proxies --seed 9',
      );
    },
  );

  it('are said in a way that a shell takes', async () => {
    const suite = "it's mine.js";
    const plan = await planOf(OPTIONS, 'register', '', 9);
    expect(commandOf(plan, { ...OPTIONS, suite })).toContain(
      " --suite 'it'\\''s mine.js' --time 5",
    );
  });

  it.each([
    ['a workload that there is not', OPTIONS, 'nothing', '', 'there is no workload nothing'],
    ['a nemesis that there is not', OPTIONS, 'register', 'nothing', 'there is no nemesis nothing'],
    [
      'a suite without such clients',
      { ...OPTIONS, suite: 'etcd' },
      'lock',
      '',
      'no clients for lock',
    ],
    ['no members', { ...OPTIONS, nodes: 0 }, 'register', '', '--nodes is from 1'],
    ['no clients', { ...OPTIONS, concurrency: 0 }, 'register', '', '--concurrency is from 1'],
  ])('refuse %s', async (_what, options, workload, nemesis, message) => {
    const planned = planOf(options, workload, nemesis, 1);
    await expect(planned).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    await expect(planned).rejects.toThrow(message);
  });
});
