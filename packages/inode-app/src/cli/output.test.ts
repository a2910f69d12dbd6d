import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Output, OutputClosed } from './output.js';

/** Takes some writes, then fails each as a pipe whose reader has gone, or a full disk. */
function failing(code: string, writesTaken = 0): { readonly stream: Writable; text: string } {
  const taken = { text: '', writes: 0 };
  const stream = new Writable({
    autoDestroy: false,
    write(chunk, _encoding, done) {
      taken.writes += 1;
      if (taken.writes > writesTaken) return done(Object.assign(new Error(code), { code }));
      taken.text += String(chunk);
      done();
    },
  });
  return Object.assign(taken, { stream });
}

const LINE = 'x'.repeat(40_000);

describe('Output', () => {
  it('tells who prints that nobody reads, at once', async () => {
    const output = new Output(failing('EPIPE').stream);
    await output.line(LINE);
    await expect(output.line(LINE)).rejects.toThrow(OutputClosed);
    await expect(output.line('more')).rejects.toThrow(OutputClosed);
    await expect(output.flush()).rejects.toThrow(OutputClosed);
  });

  it.each(['EPIPE', 'ENOSPC'])(
    'lets who changes go on after %s, and tells at the end',
    async (code) => {
      const taken = failing(code, 1);
      const output = new Output(taken.stream);
      for (let number = 0; number < 8; number += 1) await output.note({ number, LINE });
      expect(taken.text).toContain('"number":1');
      expect(taken.text).not.toContain('"number":2');
      const expected = code === 'EPIPE' ? 'nobody reads' : /cannot be written: ENOSPC/;
      await expect(output.flush()).rejects.toThrow(expected);
    },
  );

  it('lets a command that has done its work end as it would have', async () => {
    await new Output(failing('EPIPE').stream).result(true, {}, []);
    await expect(new Output(failing('ENOSPC').stream).result(false, {}, ['a'])).rejects.toThrow(
      /ENOSPC/,
    );
  });
});
