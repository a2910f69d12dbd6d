import { InvariantBroken } from 'raft-ts';

/** A rule that holds in every run; when it is broken the member has to stop. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantBroken(message);
}
