import type { MemberId } from '../log/entry.js';
import type { Configuration } from './configuration.js';
import type { MemberChange, MembershipChange } from './membership-change.js';
import { readAddresses, readConfiguration, readForcedRecoveryOrder } from './membership-codec.js';
import {
  MembershipDamaged,
  parseJson,
  readArray,
  readMemberId,
  readObject,
  readOneOf,
  readString,
  toJson,
} from './membership-json.js';

/** The first entry of a cluster: who takes part from the beginning. */
export interface BootstrapRecord {
  readonly kind: 'bootstrap';
  readonly configuration: Configuration;
  readonly addresses: Readonly<Record<MemberId, string>>;
}

export interface ChangeRecord {
  readonly kind: 'change';
  readonly change: MembershipChange;
}

/** An operator gives up voters that are lost, and what only they held; see ForcedRecovery. */
export interface ForcedRecord {
  readonly kind: 'forced';
  readonly configuration: Configuration;
  /** Of members that are reached elsewhere now; the others keep theirs. */
  readonly addresses: Readonly<Record<MemberId, string>>;
  readonly lostVoters: readonly MemberId[];
  readonly reason: string;
  /** Milliseconds since 1970, by the operator's clock. */
  readonly atMs: number;
}

/** What an entry of type Membership carries, as JSON in UTF-8. */
export type MembershipRecord = BootstrapRecord | ChangeRecord | ForcedRecord;

export function encodeMembershipRecord(record: MembershipRecord): Uint8Array {
  return toJson({ ...record });
}

/** Throws MembershipDamaged for anything that encodeMembershipRecord would not write. */
export function decodeMembershipRecord(bytes: Uint8Array): MembershipRecord {
  const json = parseJson(bytes);
  const kind = typeof json === 'object' && json !== null && 'kind' in json ? json.kind : undefined;
  if (kind === 'bootstrap') return readBootstrap(json);
  if (kind === 'change') return readChangeRecord(json);
  if (kind === 'forced') return readForced(json);
  throw new MembershipDamaged('record.kind must be one of bootstrap, change, forced');
}

function readBootstrap(json: unknown): BootstrapRecord {
  const record = readObject(json, 'record', ['kind', 'configuration', 'addresses']);
  return {
    kind: 'bootstrap',
    configuration: readDecidingConfiguration(record.configuration),
    addresses: readAddresses(record.addresses, 'record.addresses'),
  };
}

function readForced(json: unknown): ForcedRecord {
  const {
    kind: _,
    configuration,
    addresses,
    ...order
  } = readObject(json, 'record', [
    'kind',
    'configuration',
    'addresses',
    'lostVoters',
    'reason',
    'atMs',
  ]);
  return {
    kind: 'forced',
    configuration: readDecidingConfiguration(configuration),
    addresses: readAddresses(addresses, 'record.addresses'),
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
  const record = readObject(json, 'record', ['kind', 'change']);
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
  const fields = readObject(json, name, ['type', 'id'], ['address']);
  const type = readOneOf(fields.type, `${name}.type`, [
    'add-voter',
    'add-learner',
    'remove',
    'update',
  ]);
  const id = readMemberId(fields.id, `${name}.id`);
  if (!Object.hasOwn(fields, 'address')) return { type, id };
  if (type === 'remove') {
    throw new MembershipDamaged(`${name}.address must be absent where a member goes`);
  }
  return { type, id, address: readString(fields.address, `${name}.address`) };
}
