import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** A process that says why its work was ended. */
async function endOf(happening: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    `
      import { once } from 'node:events';
      import { untilInterrupted } from '${new URL('interruption.js', import.meta.url)}';
      await untilInterrupted(async (signal) => {
        const running = setInterval(() => {}, 1000);
        setImmediate(() => { ${happening} });
        await once(signal, 'abort');
        clearInterval(running);
        console.log(signal.reason.message);
      });
    `,
  ]);
  return stdout;
}

describe('work until it is interrupted', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('is told of %s, and comes to its end', async (name) => {
    expect(await endOf(`process.kill(process.pid, '${name}')`)).toBe(`ended by ${name}\n`);
  });

  it.each([
    ['that was thrown', "throw new Error('stray')"],
    ['of a promise', "Promise.reject(new Error('stray'))"],
  ])('is told of an error %s where nobody caught it', async (_what, happening) => {
    expect(await endOf(happening)).toMatch(/^nobody caught: Error: stray at .*:\d+:\d+/);
  });
});
