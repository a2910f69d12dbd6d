import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds after which something that should happen is taken to never happen. */
const PATIENCE_MS = 20_000;
const POLL_MS = 2;

/** Waits until `condition` holds; rejects, saying `what` was awaited, when it never does. */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`did not happen: ${what}`);
    await sleep(POLL_MS);
  }
}
