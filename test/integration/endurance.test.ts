import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../endurance/run.js', import.meta.url));

it('masters that die, lose their data, come and go keep what was acknowledged', async () => {
  const args = [PROGRAM, '--minutes', '0.3', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch(
    (error: { readonly stdout: string; readonly stderr: string }) => {
      throw new Error(`${error.stderr}\n${error.stdout}`);
    },
  );
  const report = JSON.parse(stdout) as { operations: number; faults: readonly string[] };
  expect(report.faults).toEqual([]);
  expect(report.operations).toBeGreaterThan(0);
});
