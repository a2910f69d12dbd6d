import { LogModel, nthShape, writeOf } from './log-model.test.support.js';
import { RocksLogStore } from './rocks-log-store.js';

/*
 * Writes the fixed sequence, some writes at a time, and prints the number of each acknowledged
 * write, until it is killed or a write fails.
 */
const [directory = '', outstanding = '1'] = process.argv.slice(2);

async function run(): Promise<void> {
  const store = await RocksLogStore.open({ directory, clusterId: 'c', memberId: 1 });
  const model = new LogModel();
  let next = 0;
  const writer = async () => {
    for (;;) {
      const i = next++;
      const write = writeOf(nthShape(i), model);
      model.apply(write);
      await store.write(write);
      process.stdout.write(`acknowledged ${i}\n`);
    }
  };
  try {
    await Promise.all(Array.from({ length: Number(outstanding) }, writer));
  } catch (error) {
    const again = await store.write({ entries: [] }).catch((reason: unknown) => reason);
    process.stdout.write(`failed ${String(error)}\n${again === error ? 'for good' : 'not'}\n`);
    await store.close();
  }
}

void run();
