import { setTimeout as pause } from 'node:timers/promises';
import { type UnreadStream, withoutWaiting } from './stopped-terminal.js';
import type { TerminalStream } from './terminal.js';

/** What may wait for whoever reads a stream, bytes; what comes beyond is left out and counted. */
const MAX_UNREAD_BYTES = 256 * 1024;
/** How long a process that has done its work waits for whoever reads its output, milliseconds. */
const LAST_WORDS_MS = 1_000;
const LOOK_MS = 10;

/**
 * A stream for lines whose reader may hang: what it does not take is bounded. A process that serves
 * is not to die of lines that nobody reads.
 */
export function boundedStream(stream: UnreadStream): TerminalStream {
  let leftOut = 0;
  return {
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
    write(text) {
      if (stream.writableLength + text.length > MAX_UNREAD_BYTES) {
        leftOut += 1;
        return;
      }
      if (leftOut > 0) stream.write(`left out ${leftOut} lines that nobody read\n`);
      leftOut = 0;
      stream.write(text);
    },
  };
}

/**
 * Ends this process, whose work is done, with its exit code. Lines that are still to be read are
 * waited for, but not for long: a reader that hangs keeps no process alive.
 */
export async function exitUnread(): Promise<never> {
  const [stdout, stderr] = [withoutWaiting(process.stdout), withoutWaiting(process.stderr)];
  for (let waitedMs = 0; waitedMs < LAST_WORDS_MS; waitedMs += LOOK_MS) {
    if (stdout.writableLength + stderr.writableLength === 0) break;
    await pause(LOOK_MS);
  }
  process.exit();
}
