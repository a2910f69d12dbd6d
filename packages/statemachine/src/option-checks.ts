import type { Clock } from '@raft-ts/net';
import { type OptionCheck, optional, withMethods } from '@raft-ts/net/options';

/** Given or not. */
export const clock: OptionCheck<Clock | undefined> = optional(
  withMethods('monotonicMs', 'wallMs', 'after', 'afterInput'),
);
