import { appendFileSync, writeSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { LOOK_MS, Patience } from './patience.js';
import type { HangMessage, HangWatchData, WatchMessage } from './watch-messages.js';

interface Watched {
  readonly name: string;
  patience: Patience;
  told: boolean;
}

/** Keeps watch over the tasks of the thread at the other end of `port`. */
function watch(port: MessagePort, { maxQuietMs, graceMs, record }: HangWatchData): void {
  const tasks = new Map<number, Watched>();
  port.on('message', (message: WatchMessage) => {
    if (message.kind === 'end') {
      tasks.delete(message.task);
    } else if (message.kind === 'progress') {
      for (const { patience } of tasks.values()) patience.renew();
    } else {
      const patience = new Patience(maxQuietMs, performance.now());
      tasks.set(message.task, { name: message.name, patience, told: false });
    }
  });
  setInterval(() => {
    for (const [task, watched] of tasks) {
      if (!watched.patience.isOver(performance.now())) continue;
      if (watched.told) {
        writeSync(2, `timed out: ${watched.name} holds its thread; the process is ended\n`);
        process.kill(process.pid, 'SIGKILL');
      }
      if (record !== undefined) appendFileSync(record, `${watched.name}\n`);
      watched.told = true;
      watched.patience = new Patience(graceMs, performance.now());
      const hang: HangMessage = { task };
      port.postMessage(hang);
    }
  }, LOOK_MS);
}

if (parentPort !== null) watch(parentPort, workerData);
