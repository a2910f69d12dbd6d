import { cp, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';

/** Changes one byte of a file. */
export async function flip(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, offset);
    byte[0] = (byte[0] ?? 0) ^ 0x40;
    await file.write(byte, 0, 1, offset);
  } finally {
    await file.close();
  }
}

/**
 * Tries copies of a log's `directory`, made at `copy`, in which one byte of one file is wrong;
 * `check` gets that file's path inside the directory.
 */
export async function forOneWrongByte(
  directory: string,
  copy: string,
  numRuns: number,
  check: (file: string) => Promise<void>,
): Promise<void> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(directory.length + 1));
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), place, async (file, at) => {
      await rm(copy, { recursive: true, force: true });
      await cp(directory, copy, { recursive: true });
      const { size } = await stat(join(copy, file));
      if (size === 0) return;
      await flip(join(copy, file), Math.min(size - 1, Math.floor(at * size)));
      await check(file);
    }),
    { numRuns },
  );
}
