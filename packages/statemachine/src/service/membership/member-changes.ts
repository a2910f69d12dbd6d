import type { WireValue } from '@raft-ts/net';
import type { Endpoints, MemberChange, Membership } from 'raft-ts';
import { MAX_PRIORITY } from 'raft-ts/core';
import { fieldsOf, invalid, positiveInteger } from '../request.js';

/** In one request. */
const MAX_CHANGES = 64;

const TYPES: readonly MemberChange['type'][] = ['add-voter', 'add-learner', 'remove', 'update'];

/** The changes as they travel. */
export function encodeChanges(changes: readonly MemberChange[]): readonly WireValue[] {
  return changes.map((change) => {
    const endpoints = change.type === 'remove' ? undefined : change.endpoints;
    const { member, client = null, http = null } = endpoints ?? {};
    const at = member === undefined ? null : [member, client, http];
    const hasPriority = change.type === 'update' && change.priority !== undefined;
    return [change.type, change.id, at, ...(hasPriority ? [change.priority] : [])];
  });
}

/** Throws INVALID_REQUEST. */
export function parseChanges(value: WireValue): readonly MemberChange[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_CHANGES) {
    throw invalid(`the changes must be an array of 1 to ${MAX_CHANGES}`);
  }
  return value.map((each: WireValue) => parseChange(each));
}

function parseChange(value: WireValue): MemberChange {
  const hasPriority = Array.isArray(value) && value.length === 4;
  const [named, given, endpoints, priority] = fieldsOf(value, hasPriority ? 4 : 3);
  const type = TYPES.find((each) => each === named);
  if (type === undefined) throw invalid(`the type of a change must be one of ${TYPES.join(', ')}`);
  const id = positiveInteger(given, 'a member id');
  if (hasPriority && type !== 'update') throw invalid('only an update has a priority');
  if (type === 'remove') return { type, id };
  const at =
    endpoints === null || endpoints === undefined ? {} : { endpoints: parseEndpoints(endpoints) };
  return hasPriority && type === 'update'
    ? { type, id, ...at, priority: parsePriority(priority) }
    : { type, id, ...at };
}

function parsePriority(value: WireValue): number {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_PRIORITY) {
    return Number(value);
  }
  throw invalid(`a priority must be a whole number from 0 to ${MAX_PRIORITY}`);
}

function parseEndpoints(value: WireValue): Endpoints {
  const [member, client, http] = fieldsOf(value, 3);
  if (typeof member !== 'string') throw invalid("the members' address must be a text");
  return { member, ...named('client', client), ...named('http', http) };
}

function named<Name extends 'client' | 'http'>(
  name: Name,
  value: WireValue,
): { readonly [Each in Name]?: string } {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'string') throw invalid(`the address for ${name} must be a text`);
  return { [name]: value } as { readonly [Each in Name]: string };
}

/** Whether the membership is already as a change wants it: a request that comes again is done. */
export function isDone(membership: Membership, change: MemberChange): boolean {
  const { configuration, endpoints, priorities } = membership;
  const { voters, outgoing, learners } = configuration;
  const isMember = [voters, outgoing, learners].some((ids) => ids.includes(change.id));
  if (change.type === 'remove') return !isMember;
  const wanted = change.endpoints;
  const known = endpoints[change.id];
  const reached =
    wanted === undefined ||
    (known?.member === wanted.member &&
      known.client === wanted.client &&
      known.http === wanted.http);
  if (!reached) return false;
  const priority = change.type === 'update' ? change.priority : undefined;
  if (priority !== undefined && priorities?.[change.id] !== priority) return false;
  if (change.type === 'add-learner') return learners.includes(change.id);
  if (change.type === 'add-voter') return voters.includes(change.id) && outgoing.length === 0;
  return isMember;
}
