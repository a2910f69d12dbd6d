import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { writeLines } from './output.js';

describe('the output', () => {
  const failing = (code: string) => {
    const write = (_text: unknown, _encoding: unknown, done: (error: Error) => void) =>
      done(Object.assign(new Error(`${code}: write`), { code }));
    return new Writable({ write }).on('error', () => {});
  };

  it('may be left by whoever reads it', async () => {
    await writeLines(failing('EPIPE'), ['a line']);
  });

  it('is not lost without a word', async () => {
    const written = writeLines(failing('ENOSPC'), ['a line']);
    await expect(written).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(written).rejects.toThrow("it can't be written: ENOSPC");
  });
});
