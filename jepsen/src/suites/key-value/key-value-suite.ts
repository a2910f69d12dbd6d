import type { CallInput } from '../../histories/history-event.js';
import type { ClientPlace, Suite } from '../suite.js';
import { CellClient, type CellRequest } from './cell-client.js';
import { ERROR_CODES } from './error-codes.js';
import { keyValueDatabase } from './key-value-database.js';
import {
  counterRequest,
  listRequest,
  lockRequest,
  nameRequest,
  registerRequest,
  setRequest,
} from './requests.js';

function clients(requestOf: (input: CallInput) => CellRequest) {
  return async (place: ClientPlace) => new CellClient(place, requestOf);
}

/** A small service of three processes or more that embeds a replicated state machine. */
export const suite: Suite = {
  name: 'key-value',
  about: 'a small service that embeds @raft-ts/statemachine: cells in memory, with sessions',
  database: keyValueDatabase,
  clients: {
    register: clients(registerRequest),
    set: clients(setRequest),
    lists: clients(listRequest),
    counter: clients(counterRequest),
    lock: clients(lockRequest),
    names: clients(nameRequest),
    'follower-reads': clients(counterRequest),
    sessions: clients(counterRequest),
  },
  errorCodes: ERROR_CODES,
};
