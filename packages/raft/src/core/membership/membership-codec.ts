import { MAX_PRIORITY } from '../options.js';
import { type Configuration, configurationProblem } from './configuration.js';
import type { Endpoints, EndpointsByMember } from './endpoints.js';
import type { ForcedRecovery, GivenUpVoters, Membership } from './membership.js';
import {
  type FieldReaders,
  MembershipDamaged,
  readArray,
  readBoolean,
  readByMember,
  readCount,
  readFields,
  readMemberIds,
  readObject,
  readRecord,
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
  const { priorities, ...fields } = readRecord(bytes, name, FORMAT);
  const given =
    priorities === undefined
      ? {}
      : { priorities: readByMember(priorities, `${name}.priorities`, readPriority) };
  const membership = readFields<Omit<Membership, 'priorities'>>(fields, name, {
    index: readCount,
    configuration: readConfiguration,
    endpoints: readEndpointsByMember,
    forcedRecoveries: (json, name) => readArray(json, name, readForcedRecovery),
    unheard: readMemberIds,
  });
  return { ...membership, ...given };
}

export function readPriority(json: unknown, name: string): number {
  const priority = readCount(json, name);
  if (priority <= MAX_PRIORITY) return priority;
  throw new MembershipDamaged(`${name} must be from 0 to ${MAX_PRIORITY}`);
}

/** The invariants of Configuration hold for what it returns. */
export function readConfiguration(json: unknown, name: string): Configuration {
  const configuration = readFields<Configuration>(json, name, {
    voters: readMemberIds,
    outgoing: readMemberIds,
    learners: readMemberIds,
    nextLearners: readMemberIds,
    autoLeave: readBoolean,
  });
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
  return readFields(json, name, { index: readCount, term: readCount, ...readersOfGivenUp });
}

export const readersOfGivenUp: FieldReaders<GivenUpVoters> = {
  lostVoters: readMemberIds,
  reason: readString,
  atMs: readCount,
};
