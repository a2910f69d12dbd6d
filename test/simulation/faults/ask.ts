import { type MemberId, RaftError, type Replica } from 'raft-ts';
import type { FaultWorld } from './fault.js';

/**
 * Has an operator at the machine of `id` call its replica. What it rejects with is no failure of
 * the simulation: `ended` is told the error's code, or undefined when all went well.
 */
export function ask(
  { cluster }: FaultWorld,
  id: MemberId,
  call: (replica: Replica) => Promise<unknown>,
  ended: (code: string | undefined, error?: RaftError) => void = () => {},
): void {
  const { process, replica } = cluster.member(id);
  if (process === undefined || replica === undefined) return;
  process.deliver(() => {
    call(replica).then(
      () => ended(undefined),
      (error: unknown) => {
        if (error instanceof RaftError) ended(error.code, error);
        else if (!isAbort(error)) throw error;
      },
    );
  });
}

/** An operator who has waited long enough. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

function isAbort(error: unknown): boolean {
  return error instanceof GivenUp;
}
