import { cpSync, existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallInput } from '../../histories/history-event.js';
import type { Client, ClientAnswer, ClientCallOptions } from '../../workloads/workload.js';
import { DefiniteFailure } from '../../workloads/workload.js';
import type { ClientPlace, Suite } from '../suite.js';
import { CellClient } from './cell-client.js';
import { databaseOf, keyValueDatabase, serviceCommand } from './key-value-database.js';
import { suite } from './key-value-suite.js';
import { launchOf } from './launch.js';
import { counterRequest, registerRequest } from './requests.js';

/** Until a client that does not number its commands sends one again. */
const AGAIN_MS = 250;

/** Any member answers reads from what it has applied, as a leader does that confirms nothing. */
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
  clients: { counter: async (place) => new ImpatientClient(place) },
};

/** A killed process has forgotten whom it voted for, and what it acknowledged. */
export const forgetful: Suite = {
  ...suite,
  name: 'key-value-forgetful',
  about: 'key-value with a bug: what a member acknowledged is in its memory alone',
  database: databaseOf('forgets'),
};

/** What was acknowledged lately is lost with the power. */
export const acknowledgesEarly: Suite = {
  ...suite,
  name: 'key-value-early',
  about: 'key-value with a bug: entries are acknowledged before they are on the device',
  database: databaseOf('acknowledges-early'),
};

const { differences: _, ...withoutDifferences } = keyValueDatabase;

/** The last member is a machine and its clone in turn: each has an id, a vote and entries of its own. */
export const oneIdTwice: Suite = {
  ...suite,
  name: 'key-value-one-id-twice',
  about: 'key-value with a bug: a member and its clone have one id, and serve in turn',
  database: {
    // They differ for certain: nobody is to wait until they agree.
    ...withoutDifferences,
    command(member, members) {
      const launch = launchOf(member, members);
      if (member.id < members.length) return serviceCommand(launch);
      const { directory: own } = launch;
      const clone = `${own}-clone`;
      isClone = existsSync(own) && !isClone;
      if (isClone && !existsSync(clone)) cpSync(own, clone, { recursive: true });
      return serviceCommand({ ...launch, directory: isClone ? clone : own });
    },
  },
};

/** Which of the two started last. */
let isClone = false;

function staleRegisterRequest(input: CallInput) {
  const request = registerRequest(input);
  return 'query' in request ? { ...request, consistency: 'local' as const } : request;
}

/** Sends a command again in another session where no answer comes soon: nobody can know it for the same. */
class ImpatientClient implements Client {
  readonly #first: CellClient;
  readonly #again: CellClient;

  constructor(place: ClientPlace) {
    this.#first = new CellClient({ ...place, keepsLeader: true }, counterRequest);
    this.#again = new CellClient({ ...place, keepsLeader: true }, counterRequest);
  }

  async invoke(input: CallInput, options: ClientCallOptions): Promise<ClientAnswer> {
    const first = this.#first.invoke(input, options);
    if (input.kind === 'read') return await first;
    const answered = new AbortController();
    const again = pause(AGAIN_MS, undefined, { signal: answered.signal }).then(() =>
      this.#again.invoke(input, options),
    );
    try {
      return await Promise.any([first, again]);
    } catch (error) {
      const failures: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
      throw failures.find((failure) => !(failure instanceof DefiniteFailure)) ?? failures[0];
    } finally {
      answered.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#first[Symbol.asyncDispose]();
    await this.#again[Symbol.asyncDispose]();
  }
}
