import type { WireValue } from '@raft-ts/net';
import { RpcMethod } from '../rpc-methods.js';
import { list, number, type Read, text } from '../service/status/fields.js';
import type { SessionSummary } from '../sessions/session-table.js';
import type { Request } from './sending/operation.js';

/** Sessions that are asked for at once. */
export const SESSIONS_PER_PAGE = 1_000;

/** Asks for the sessions above `after`. */
export function listSessions(after: number): Request {
  return { kind: 'query', method: RpcMethod.ListSessions, body: () => [after, SESSIONS_PER_PAGE] };
}

const summary: Read<SessionSummary> = (value, name) => {
  const [id, host, idleMs, savedResults, savedBytes]: readonly unknown[] = Array.isArray(value)
    ? value
    : [];
  return {
    id: number(id, name),
    host: text(host, name),
    idleMs: number(idleMs, name),
    savedResults: number(savedResults, name),
    savedBytes: number(savedBytes, name),
  };
};

/** Throws ANSWER_INVALID. */
export function parseSessions(answer: WireValue): readonly SessionSummary[] {
  return list(summary)(answer, 'a session');
}
