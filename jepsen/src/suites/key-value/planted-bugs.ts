import type { CallInput } from '../../histories/history-event.js';
import type { Client, ClientAnswer, ClientCallOptions } from '../../workloads/workload.js';
import { DefiniteFailure } from '../../workloads/workload.js';
import type { ClientPlace, Suite } from '../suite.js';
import { CellClient } from './cell-client.js';
import { databaseOf } from './key-value-database.js';
import { suite } from './key-value-suite.js';
import { counterRequest, registerRequest } from './requests.js';

/** For an attempt of a client that does not number its commands. */
const ATTEMPT_MS = 250;

/** Reads whatever the member that it asks has applied, as a leader does that confirms nothing. */
export const staleReads: Suite = {
  ...suite,
  name: 'key-value-stale-reads',
  about: 'key-value with a bug: reads are answered without asking whether the lead was lost',
  clients: {
    register: async (place) => new CellClient(place, staleRegisterRequest),
  },
};

/** Sends a command again as another one when no answer came soon. */
export const twiceApplied: Suite = {
  ...suite,
  name: 'key-value-applied-twice',
  about: 'key-value with a bug: a command that is sent again is carried out again',
  clients: { counter: async (place) => new UnnumberedClient(place) },
};

/** A killed process has forgotten whom it voted for, and what it acknowledged. */
export const forgetful: Suite = {
  ...suite,
  name: 'key-value-forgetful',
  about: 'key-value with a bug: what a member acknowledged is in its memory alone',
  database: databaseOf({ forgets: true }),
};

function staleRegisterRequest(input: CallInput) {
  const request = registerRequest(input);
  return 'query' in request ? { ...request, consistency: 'local' as const } : request;
}

/** Each attempt has a session of its own: nobody can know it for the same command. */
class UnnumberedClient implements Client {
  readonly #place: ClientPlace;

  constructor(place: ClientPlace) {
    this.#place = { ...place, keepsLeader: false };
  }

  async invoke(input: CallInput, options: ClientCallOptions): Promise<ClientAnswer> {
    for (const endMs = performance.now() + options.timeoutMs; ; ) {
      const attempt = new CellClient(this.#place, counterRequest);
      try {
        return await attempt.invoke(input, { ...options, timeoutMs: ATTEMPT_MS });
      } catch (error) {
        if (performance.now() >= endMs || error instanceof DefiniteFailure) throw error;
      } finally {
        await attempt[Symbol.asyncDispose]();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
