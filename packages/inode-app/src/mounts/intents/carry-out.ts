import { Backoff, type Clock, pause } from '@raft-ts/net';
import type { Intent } from '../../namespace/mounts/intent.js';
import { StorageError } from '../../storages/storage-error.js';
import { type CarriedOut, type CarryingOut, isDefinite, refused } from './carrying-out.js';
import { completeFile } from './complete-file.js';
import { createFile } from './create-file.js';
import { makeDirectories } from './make-directory.js';
import { moveEntry } from './move-entry.js';
import { removeEntry } from './remove-entry.js';

const CARRIED_OUT: {
  readonly [Kind in Intent['kind']]: (work: CarryingOut) => Promise<CarriedOut>;
} = {
  mkdir: makeDirectories,
  create: createFile,
  complete: completeFile,
  delete: removeEntry,
  rename: moveEntry,
};

/** Pauses between two attempts, milliseconds. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;

export interface CarryOutOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** When whoever asked for it gives up, on the monotonic clock; undefined: nobody waits. */
  readonly deadlineMs: number | undefined;
  /** Told of what keeps it from going on. */
  readonly hindered: (error: Error) => void;
  readonly signal: AbortSignal;
}

/**
 * Carries an intent out in its storage, again and again until it is known how it ended. Before anything was changed it
 * is given up at the deadline, and nothing has happened. Afterwards it goes on for as long as the member leads.
 *
 * What was given up without an answer may still take effect for as long as an answer is awaited: only then it is looked
 * what came of it, so that it can't undo anything that is changed once this is over.
 */
export async function carryOut(work: CarryingOut, options: CarryOutOptions): Promise<CarriedOut> {
  const { clock, random, deadlineMs, hindered, signal } = options;
  const pauses = new Backoff(MIN_PAUSE_MS, MAX_PAUSE_MS, random);
  for (;;) {
    await work.outlastRequests(clock);
    try {
      return await CARRIED_OUT[work.intent.kind](work);
    } catch (error) {
      signal.throwIfAborted();
      const told = asStorageError(error);
      if (isDefinite(told) && told.code !== 'BUSY') return refused(told, work.intent.path);
      hindered(told);
      const pauseMs = pauses.next();
      const isLate = deadlineMs !== undefined && clock.monotonicMs() + pauseMs >= deadlineMs;
      if (isLate && !work.begun) return refused(told, work.intent.path);
      await pause(clock, pauseMs, signal);
      signal.throwIfAborted();
    }
  }
}

/** A driver that fails in its own way leaves open what it has done. */
function asStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  return new StorageError('FAILED', String(error), { cause: error });
}
