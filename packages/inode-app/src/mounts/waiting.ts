import type { Clock } from '@raft-ts/net';

/** Who came first: what was waited for, or the moment until which to wait. */
export async function endsBefore(
  clock: Clock,
  atMs: number,
  ended: Promise<unknown>,
): Promise<boolean> {
  let cancel = () => {};
  const late = new Promise<false>((resolve) => {
    cancel = clock.after(Math.max(0, atMs - clock.monotonicMs()), () => resolve(false));
  });
  try {
    return await Promise.race([ended.then(() => true), late]);
  } finally {
    cancel();
  }
}
