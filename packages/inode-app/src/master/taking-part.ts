import { isRaftError, type Replica } from 'raft-ts';
import { InodeAppError } from '../errors.js';
import type { FoundDamage } from './master-options.js';
import type { MemberRun } from './member-run.js';

/** A run that takes part. */
export interface TakingPart {
  readonly run: MemberRun;
  readonly replica: Replica;
}

/**
 * Has an opened run take part. Where its log ends before what the tree holds, that is as much as a damaged
 * one: it begins anew, in a run that `openAgain` makes, and the others bring log or tree. Of a run that
 * can't take part nothing is open when it rejects.
 */
export async function takingPart(
  run: MemberRun,
  openAgain: (damage: FoundDamage) => Promise<MemberRun>,
  takePart: (run: MemberRun) => Promise<Replica>,
): Promise<TakingPart> {
  try {
    return { run, replica: await takePart(run) };
  } catch (error) {
    await run.abandon();
    const damage = damageOfLog(error);
    if (damage === undefined) throw error;
    const anew = await openAgain(damage);
    try {
      return { run: anew, replica: await takePart(anew) };
    } catch (later) {
      await anew.abandon();
      throw later;
    }
  }
}

function damageOfLog(error: unknown): FoundDamage | undefined {
  const cause = error instanceof InodeAppError ? error.cause : undefined;
  return isRaftError(cause, 'LOG_CORRUPT') ? { part: 'log', error: cause } : undefined;
}
