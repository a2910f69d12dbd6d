import type { MemberId } from '../log/entry.js';
import { allMembers, type Configuration, checkConfiguration } from './configuration.js';
import type { Membership } from './membership.js';
import type { ForcedRecord, MembershipRecord } from './membership-record.js';
import { nextConfiguration } from './next-configuration.js';

/**
 * The membership once the entry at `index` of `term`, which carries `record`, is in force. A change
 * that makes no sense for the configuration so far throws InvalidChange.
 */
export function nextMembership(
  membership: Membership,
  record: MembershipRecord,
  index: number,
  term: number,
): Membership {
  const configuration = checkConfiguration(
    record.kind === 'change'
      ? nextConfiguration(membership.configuration, record.change)
      : record.configuration,
  );
  return {
    index,
    configuration,
    addresses: addressesOf(configuration, { ...membership.addresses, ...newAddresses(record) }),
    forcedRecoveries:
      record.kind === 'forced'
        ? [...membership.forcedRecoveries, forcedRecovery(record, index, term)]
        : membership.forcedRecoveries,
  };
}

function forcedRecovery({ lostVoters, reason, atMs }: ForcedRecord, index: number, term: number) {
  return { index, term, lostVoters, reason, atMs };
}

function newAddresses(record: MembershipRecord): Readonly<Record<MemberId, string>> {
  if (record.kind !== 'change') return record.addresses;
  const addresses: Record<MemberId, string> = {};
  for (const change of record.change.changes) {
    if (change.type !== 'remove' && change.address !== undefined) {
      addresses[change.id] = change.address;
    }
  }
  return addresses;
}

/** Who is no member any more has no address. */
function addressesOf(
  configuration: Configuration,
  known: Readonly<Record<MemberId, string>>,
): Readonly<Record<MemberId, string>> {
  const addresses: Record<MemberId, string> = {};
  for (const id of allMembers(configuration)) {
    const address = known[id];
    if (address !== undefined) addresses[id] = address;
  }
  return addresses;
}
