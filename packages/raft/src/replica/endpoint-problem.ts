import { parseAddress } from '@raft-ts/net';
import type { Endpoints } from '../core/membership/endpoints.js';
import type { MembershipChange } from '../core/membership/membership-change.js';
import { RaftError } from '../errors.js';

/**
 * Throws CHANGE_REFUSED for an endpoint that is no address: once in the log, it would stand there for
 * every member, and nobody would reach the one that it names.
 */
export function checkEndpoints({ changes }: MembershipChange): void {
  for (const change of changes) {
    const problem = change.type === 'remove' ? undefined : endpointProblem(change.endpoints);
    if (problem === undefined) continue;
    throw new RaftError(
      'CHANGE_REFUSED',
      `the membership is not changed (invalid-change): the endpoints of member ${change.id}: ${problem}`,
      { details: { reason: 'invalid-change' } },
    );
  }
}

/** What is wrong with the first one that is no `host:port`. */
function endpointProblem(endpoints: Endpoints | undefined): string | undefined {
  try {
    for (const address of Object.values<string>({ ...endpoints })) parseAddress(address);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
