import type { CallInput } from '../../histories/history-event.js';
import type { Json } from '../../histories/json.js';
import { DefiniteFailure } from '../../workloads/workload.js';
import type { CellRequest } from './cell-client.js';

type Reading = Pick<Extract<CellRequest, { readonly query: unknown }>, 'consistency' | 'readFrom'>;

/**
 * By how much clocks may go too fast or too slow, as the nemesis clock-drift has them. The service measures by the
 * clocks of its members, the checkers by ours: what is promised for a time is asked for with so much to spare.
 */
const CLOCK_DRIFT = 0.1;

/** Of a grant, where the call says nothing of its end. */
const WITHOUT_END_MS = Number.MAX_SAFE_INTEGER / 2;

/** A register is a cell. */
export function registerRequest(input: CallInput): CellRequest {
  const key = `register/${input.key}`;
  const { value = null, from = null, to = null } = input;
  switch (input.kind) {
    case 'read':
      return { query: ['read', key], ...readingOf(input) };
    case 'write':
      return { command: ['write', key, value] };
    case 'compare-and-set':
      return { command: ['compare-and-set', key, from, to] };
    default:
      throw noSuchCall(input);
  }
}

/** An element of a set is a cell that holds it. */
export function setRequest(input: CallInput): CellRequest {
  const below = `set/${input.key ?? ''}/`;
  const { element = null } = input;
  switch (input.kind) {
    case 'add':
      return { command: ['write', `${below}${element}`, element] };
    case 'read':
      return {
        query: ['below', below],
        ...readingOf(input),
        answer: (pairs) => listOf(pairs).map((pair) => listOf(pair)[1] ?? null),
      };
    default:
      throw noSuchCall(input);
  }
}

export function listRequest(input: CallInput): CellRequest {
  const key = `list/${input.key ?? ''}`;
  const { element = null } = input;
  switch (input.kind) {
    case 'append':
      return { command: ['append', key, element], answer: () => null };
    case 'read':
      return { query: ['read', key], ...readingOf(input), answer: listOf };
    default:
      throw noSuchCall(input);
  }
}

export function counterRequest(input: CallInput): CellRequest {
  const key = `counter/${input.key ?? ''}`;
  switch (input.kind) {
    case 'add':
      return { command: ['add', key, Number(input.amount)] };
    case 'read':
      return { query: ['read', key], ...readingOf(input), answer: (value) => value ?? 0 };
    default:
      throw noSuchCall(input);
  }
}

export function lockRequest(input: CallInput): CellRequest {
  const key = `lock/${input.lock}`;
  const { token, leaseMs = WITHOUT_END_MS } = input;
  switch (input.kind) {
    case 'acquire':
      return { command: ['acquire', key, Math.ceil(Number(leaseMs) * (1 + CLOCK_DRIFT))] };
    case 'release':
      return { command: ['release', key, Number(token)] };
    case 'write':
      return { command: ['guarded-write', key, Number(token)] };
    default:
      throw noSuchCall(input);
  }
}

/** A name that is taken is a cell that is not empty. */
export function nameRequest(input: CallInput): CellRequest {
  const below = 'name/';
  switch (input.kind) {
    case 'claim':
      return { command: ['compare-and-set', `${below}${input.name}`, null, true] };
    case 'list':
      return {
        query: ['below', below],
        answer: (pairs) => listOf(pairs).map((pair) => `${listOf(pair)[0]}`.slice(below.length)),
      };
    default:
      throw noSuchCall(input);
  }
}

/** What a read asks for; where that is not all there is, any member is to answer. */
function readingOf({ consistency, maxStaleMs }: CallInput): Reading {
  if (consistency === 'local') return { consistency };
  if (consistency === 'bounded')
    return { consistency: { maxStaleMs: Number(maxStaleMs) * (1 - CLOCK_DRIFT) } };
  return consistency === 'linearizable' ? { readFrom: 'any' } : {};
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function noSuchCall({ kind }: CallInput): DefiniteFailure {
  return new DefiniteFailure('NO_SUCH_CALL', `the service has no ${kind}`);
}
