import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 2;
/**
 * Looks after which something that should happen is taken to never happen: 20 s where each comes in
 * time, and longer where this process does not get its turns.
 */
const MAX_POLLS = 10_000;

/** Waits until `condition` holds; rejects, saying `what` was awaited, when it never does. */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  for (let polls = 0; !condition(); polls++) {
    if (polls === MAX_POLLS) throw new Error(`did not happen: ${what}`);
    await sleep(POLL_MS);
  }
}
