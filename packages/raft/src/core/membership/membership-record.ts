import type { MemberId } from '../log/entry.js';
import type { Configuration } from './configuration.js';
import type { EndpointsByMember } from './endpoints.js';
import type { MemberChange, MembershipChange } from './membership-change.js';
import {
  readConfiguration,
  readEndpoints,
  readEndpointsByMember,
  readForcedRecoveryOrder,
} from './membership-codec.js';
import {
  checkFormat,
  MembershipDamaged,
  parseJson,
  readArray,
  readMemberId,
  readMemberIds,
  readObject,
  readOneOf,
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

/** An operator gives up voters that are lost, and what only they held; see ForcedRecovery. */
export interface ForcedRecord {
  readonly kind: 'forced';
  readonly configuration: Configuration;
  /** Of members that are reached elsewhere from then on; the others keep theirs. */
  readonly endpoints: EndpointsByMember;
  readonly lostVoters: readonly MemberId[];
  readonly reason: string;
  /** Milliseconds since 1970, by the operator's clock. */
  readonly atMs: number;
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

/** Throws MembershipDamaged for anything that encodeMembershipRecord would not write. */
export function decodeMembershipRecord(bytes: Uint8Array): MembershipRecord {
  const json = parseJson(bytes);
  checkFormat(json, 'record', FORMAT);
  const kind = typeof json === 'object' && json !== null && 'kind' in json ? json.kind : undefined;
  if (kind === 'bootstrap') return readBootstrap(json);
  if (kind === 'change') return readChangeRecord(json);
  if (kind === 'forced') return readForced(json);
  if (kind === 'heard') return readHeard(json);
  throw new MembershipDamaged('record.kind must be one of bootstrap, change, forced, heard');
}

function readBootstrap(json: unknown): BootstrapRecord {
  const record = readObject(json, 'record', ['format', 'kind', 'configuration', 'endpoints']);
  return {
    kind: 'bootstrap',
    configuration: readDecidingConfiguration(record.configuration),
    endpoints: readEndpointsByMember(record.endpoints, 'record.endpoints'),
  };
}

function readHeard(json: unknown): HeardRecord {
  const record = readObject(json, 'record', ['format', 'kind', 'ids']);
  return { kind: 'heard', ids: readMemberIds(record.ids, 'record.ids') };
}

function readForced(json: unknown): ForcedRecord {
  const {
    format: _format,
    kind: _kind,
    configuration,
    endpoints,
    ...order
  } = readObject(json, 'record', [
    'format',
    'kind',
    'configuration',
    'endpoints',
    'lostVoters',
    'reason',
    'atMs',
  ]);
  return {
    kind: 'forced',
    configuration: readDecidingConfiguration(configuration),
    endpoints: readEndpointsByMember(endpoints, 'record.endpoints'),
    ...readForcedRecoveryOrder(order, 'record'),
  };
}

/** With voters: nobody could decide anything else. */
function readDecidingConfiguration(json: unknown): Configuration {
  const configuration = readConfiguration(json, 'record.configuration');
  if (configuration.voters.length > 0) return configuration;
  throw new MembershipDamaged('record.configuration.voters must name somebody');
}

function readChangeRecord(json: unknown): ChangeRecord {
  const record = readObject(json, 'record', ['format', 'kind', 'change']);
  const change = readObject(record.change, 'record.change', ['changes', 'transition']);
  return {
    kind: 'change',
    change: {
      changes: readArray(change.changes, 'record.change.changes', readMemberChange),
      transition: readOneOf(change.transition, 'record.change.transition', [
        'auto',
        'implicit',
        'explicit',
      ]),
    },
  };
}

function readMemberChange(json: unknown, name: string): MemberChange {
  const fields = readObject(json, name, ['type', 'id'], ['endpoints']);
  const type = readOneOf(fields.type, `${name}.type`, [
    'add-voter',
    'add-learner',
    'remove',
    'update',
  ]);
  const id = readMemberId(fields.id, `${name}.id`);
  if (!Object.hasOwn(fields, 'endpoints')) return { type, id };
  if (type === 'remove') {
    throw new MembershipDamaged(`${name}.endpoints must be absent where a member goes`);
  }
  return { type, id, endpoints: readEndpoints(fields.endpoints, `${name}.endpoints`) };
}
