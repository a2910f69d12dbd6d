import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../torment/run.js', import.meta.url));

interface Report {
  readonly storages: readonly string[];
  readonly absent: readonly string[];
  readonly acknowledged: number;
  readonly outside: number;
  readonly faults: readonly string[];
}

it('mounted storages agree with the tree after masters and servers have died and hung', async () => {
  const args = [PROGRAM, '--minutes', '0.4', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch(
    (error: { readonly stdout: string; readonly stderr: string }) => {
      throw new Error(`${error.stderr}\n${error.stdout}`);
    },
  );
  const report = JSON.parse(stdout) as Report;
  for (const line of report.absent) process.stdout.write(`No torment of a storage: ${line}.\n`);
  expect(report.faults).toEqual([]);
  expect(report.storages).toContain('file');
  expect(report.acknowledged).toBeGreaterThan(0);
  expect(report.outside).toBeGreaterThan(0);
});
