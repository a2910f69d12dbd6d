import { type Configuration, configurationProblem } from './configuration.js';
import type { Endpoints, EndpointsByMember } from './endpoints.js';
import type { ForcedRecovery, Membership } from './membership.js';
import {
  checkFormat,
  type JsonObject,
  MembershipDamaged,
  parseJson,
  readArray,
  readBoolean,
  readByMember,
  readCount,
  readMemberIds,
  readObject,
  readString,
  toJson,
} from './membership-json.js';

/** Written with each membership; another one is refused. */
const FORMAT = 1;

/** As JSON in UTF-8: what a log's base and a snapshot keep of who took part. */
export function encodeMembership(membership: Membership): Uint8Array {
  return toJson({ format: FORMAT, ...membership });
}

/** Throws MembershipDamaged for anything that encodeMembership would not write. */
export function decodeMembership(bytes: Uint8Array): Membership {
  const name = 'membership';
  const json = parseJson(bytes);
  checkFormat(json, name, FORMAT);
  const fields = readObject(json, name, [
    'format',
    'index',
    'configuration',
    'endpoints',
    'forcedRecoveries',
    'unheard',
  ]);
  return {
    index: readCount(fields.index, `${name}.index`),
    configuration: readConfiguration(fields.configuration, `${name}.configuration`),
    endpoints: readEndpointsByMember(fields.endpoints, `${name}.endpoints`),
    forcedRecoveries: readArray(
      fields.forcedRecoveries,
      `${name}.forcedRecoveries`,
      readForcedRecovery,
    ),
    unheard: readMemberIds(fields.unheard, `${name}.unheard`),
  };
}

/** The invariants of Configuration hold for what it returns. */
export function readConfiguration(json: unknown, name: string): Configuration {
  const fields = readObject(json, name, [
    'voters',
    'outgoing',
    'learners',
    'nextLearners',
    'autoLeave',
  ]);
  const configuration = {
    voters: readMemberIds(fields.voters, `${name}.voters`),
    outgoing: readMemberIds(fields.outgoing, `${name}.outgoing`),
    learners: readMemberIds(fields.learners, `${name}.learners`),
    nextLearners: readMemberIds(fields.nextLearners, `${name}.nextLearners`),
    autoLeave: readBoolean(fields.autoLeave, `${name}.autoLeave`),
  };
  const problem = configurationProblem(configuration);
  if (problem !== undefined) throw new MembershipDamaged(`${name}: ${problem}`);
  return configuration;
}

export function readEndpointsByMember(json: unknown, name: string): EndpointsByMember {
  return readByMember(json, name, readEndpoints);
}

export function readEndpoints(json: unknown, name: string): Endpoints {
  const fields = readObject(json, name, ['member'], ['client', 'http']);
  const optional = (field: 'client' | 'http') =>
    Object.hasOwn(fields, field) ? { [field]: readString(fields[field], `${name}.${field}`) } : {};
  return {
    member: readString(fields.member, `${name}.member`),
    ...optional('client'),
    ...optional('http'),
  };
}

function readForcedRecovery(json: unknown, name: string): ForcedRecovery {
  const { index, term, ...order } = readObject(json, name, [
    'index',
    'term',
    'lostVoters',
    'reason',
    'atMs',
  ]);
  return {
    index: readCount(index, `${name}.index`),
    term: readCount(term, `${name}.term`),
    ...readForcedRecoveryOrder(order, name),
  };
}

/** The part of a forced recovery that the operator gave. */
export function readForcedRecoveryOrder(
  fields: JsonObject,
  name: string,
): Pick<ForcedRecovery, 'lostVoters' | 'reason' | 'atMs'> {
  return {
    lostVoters: readMemberIds(fields.lostVoters, `${name}.lostVoters`),
    reason: readString(fields.reason, `${name}.reason`),
    atMs: readCount(fields.atMs, `${name}.atMs`),
  };
}
