import type { WireValue } from '@raft-ts/net';
import type { Endpoints, MemberChange, Membership } from 'raft-ts';
import { fieldsOf, invalid, positiveInteger } from '../request.js';

/** In one request. */
const MAX_CHANGES = 64;

const TYPES: readonly MemberChange['type'][] = ['add-voter', 'add-learner', 'remove', 'update'];

/** The changes as they travel. */
export function encodeChanges(changes: readonly MemberChange[]): readonly WireValue[] {
  return changes.map((change) => {
    const endpoints = change.type === 'remove' ? undefined : change.endpoints;
    const { member, client = null, http = null } = endpoints ?? {};
    return [change.type, change.id, member === undefined ? null : [member, client, http]];
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
  const [named, given, endpoints] = fieldsOf(value, 3);
  const type = TYPES.find((each) => each === named);
  if (type === undefined) throw invalid(`the type of a change must be one of ${TYPES.join(', ')}`);
  const id = positiveInteger(given, 'a member id');
  if (type === 'remove') return { type, id };
  return endpoints === null || endpoints === undefined
    ? { type, id }
    : { type, id, endpoints: parseEndpoints(endpoints) };
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
export function isDone({ configuration, endpoints }: Membership, change: MemberChange): boolean {
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
  if (change.type === 'add-learner') return learners.includes(change.id);
  if (change.type === 'add-voter') return voters.includes(change.id) && outgoing.length === 0;
  return isMember;
}
