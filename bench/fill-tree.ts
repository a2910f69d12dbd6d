import type { NamespaceClient } from 'inode-app';

const FILES_PER_DIRECTORY = 10_000;
const ROW_MS = 30_000;

/** Creates so many files below `/fill`, `outstanding` at a time, and prints a row now and then. */
export async function fillTree(
  client: NamespaceClient,
  files: number,
  outstanding: number,
): Promise<void> {
  let next = 0;
  const made: Promise<unknown>[] = [];
  const worker = async (): Promise<void> => {
    for (let file = next++; file < files; file = next++) {
      const number = Math.floor(file / FILES_PER_DIRECTORY);
      const directory = `/fill/d${number}`;
      made[number] ??= client.mkdir(directory, { parents: true });
      await made[number];
      await client.create(`${directory}/part-${file}.parquet`);
    }
  };
  const beganMs = performance.now();
  const row = setInterval(() => {
    const seconds = (performance.now() - beganMs) / 1000;
    const rate = Math.round(next / seconds);
    process.stdout.write(`${Math.round(seconds)} s: ${next} of ${files} files, ${rate} a second\n`);
  }, ROW_MS);
  try {
    await Promise.all(Array.from({ length: outstanding }, worker));
  } finally {
    clearInterval(row);
  }
}
