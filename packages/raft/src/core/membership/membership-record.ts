import type { MemberId } from '../log/entry.js';
import type { Configuration } from './configuration.js';
import type { EndpointsByMember } from './endpoints.js';
import type { GivenUpVoters } from './membership.js';
import type { MemberChange, MembershipChange } from './membership-change.js';
import {
  readConfiguration,
  readEndpoints,
  readEndpointsByMember,
  readersOfGivenUp,
  readPriority,
} from './membership-codec.js';
import {
  MembershipDamaged,
  readArray,
  readFields,
  readMemberId,
  readMemberIds,
  readObject,
  readOneOf,
  readRecord,
  toJson,
} from './membership-json.js';

/** The first entry of a cluster: who takes part from the beginning. */
export interface BootstrapRecord {
  readonly kind: 'bootstrap';
  readonly configuration: Configuration;
  readonly endpoints: EndpointsByMember;
}

export interface ChangeRecord {
  readonly kind: 'change';
  readonly change: MembershipChange;
}

/**
 * An operator gives up voters that are lost, and what only they held; see ForcedRecovery. `endpoints`
 * are of members that are reached elsewhere from then on; the others keep theirs.
 */
export interface ForcedRecord extends Omit<BootstrapRecord, 'kind'>, GivenUpVoters {
  readonly kind: 'forced';
}

/** A leader has heard from founders that were in Membership.unheard. */
export interface HeardRecord {
  readonly kind: 'heard';
  readonly ids: readonly MemberId[];
}

/** What an entry of type Membership carries, as JSON in UTF-8. */
export type MembershipRecord = BootstrapRecord | ChangeRecord | ForcedRecord | HeardRecord;

/** Written with each record; another one is refused. */
const FORMAT = 1;

export function encodeMembershipRecord(record: MembershipRecord): Uint8Array {
  return toJson({ format: FORMAT, ...record });
}

const members = { configuration: readDecidingConfiguration, endpoints: readEndpointsByMember };

/** Throws MembershipDamaged for anything that encodeMembershipRecord would not write. */
export function decodeMembershipRecord(bytes: Uint8Array): MembershipRecord {
  const name = 'record';
  const { kind, ...fields } = readRecord(bytes, name, FORMAT);
  switch (kind) {
    case 'bootstrap':
      return { kind, ...readFields(fields, name, members) };
    case 'change':
      return { kind, ...readFields(fields, name, { change: readChange }) };
    case 'forced':
      return { kind, ...readFields(fields, name, { ...members, ...readersOfGivenUp }) };
    case 'heard':
      return { kind, ...readFields(fields, name, { ids: readMemberIds }) };
    default:
      throw new MembershipDamaged('record.kind must be one of bootstrap, change, forced, heard');
  }
}

/** With voters: nobody could decide anything else. */
function readDecidingConfiguration(json: unknown, name: string): Configuration {
  const configuration = readConfiguration(json, name);
  if (configuration.voters.length > 0) return configuration;
  throw new MembershipDamaged(`${name}.voters must name somebody`);
}

function readChange(json: unknown, name: string): MembershipChange {
  return readFields<MembershipChange>(json, name, {
    changes: (changes, name) => readArray(changes, name, readMemberChange),
    transition: (json, name) => readOneOf(json, name, ['auto', 'implicit', 'explicit']),
  });
}

function readMemberChange(json: unknown, name: string): MemberChange {
  const fields = readObject(json, name, ['type', 'id'], ['endpoints', 'priority']);
  const type = readOneOf(fields.type, `${name}.type`, [
    'add-voter',
    'add-learner',
    'remove',
    'update',
  ]);
  const id = readMemberId(fields.id, `${name}.id`);
  const endpoints = Object.hasOwn(fields, 'endpoints')
    ? { endpoints: readEndpoints(fields.endpoints, `${name}.endpoints`) }
    : {};
  if (type === 'update' && Object.hasOwn(fields, 'priority')) {
    return { type, id, ...endpoints, priority: readPriority(fields.priority, `${name}.priority`) };
  }
  if (Object.hasOwn(fields, 'priority')) {
    throw new MembershipDamaged(`${name}.priority must be absent unless it is an update`);
  }
  if (type !== 'remove') return { type, id, ...endpoints };
  if (!Object.hasOwn(fields, 'endpoints')) return { type, id };
  throw new MembershipDamaged(`${name}.endpoints must be absent where a member goes`);
}
