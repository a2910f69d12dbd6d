import type { RpcHandler } from '@raft-ts/net';
import { failure } from '../../errors.js';
import { RpcMethod } from '../../rpc-methods.js';
import { encodeStatus, type MemberStatus } from './member-status.js';

/**
 * Answers clients in the place of a service that is closed, while its member waits for something
 * before it takes part again: `status` is told to who asks for it, and everything else is refused
 * with STOPPED and the status's `stoppedBy`. So clients turn to other members at once, and know
 * that nothing was changed.
 */
export function pausedHandler(status: () => MemberStatus): RpcHandler {
  return (method, _body, responder) => {
    if (method === RpcMethod.Status) {
      responder.done(encodeStatus(status()));
    } else if (method === RpcMethod.FindLeader) {
      // It may know who led when it stopped, which is no news.
      responder.done([false, 0, 0, null]);
    } else {
      const { stoppedBy } = status();
      const why = stoppedBy === undefined ? '' : ` (${stoppedBy})`;
      responder.failed(failure('STOPPED', `this member does not take part now${why}`));
    }
  };
}
