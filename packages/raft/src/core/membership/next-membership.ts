import type { MemberId } from '../log/entry.js';
import { allMembers, type Configuration, checkConfiguration } from './configuration.js';
import type { Endpoints, EndpointsByMember } from './endpoints.js';
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
  const configuration = configurationAfter(membership.configuration, record);
  return {
    index,
    configuration,
    endpoints: ofMembers(configuration, { ...membership.endpoints, ...endpointsIn(record) }),
    ...prioritiesAfter(membership, record, configuration),
    forcedRecoveries:
      record.kind === 'forced'
        ? [...membership.forcedRecoveries, forcedRecovery(record, index, term)]
        : membership.forcedRecoveries,
    unheard: unheardAfter(membership, record, configuration),
  };
}

function configurationAfter(before: Configuration, record: MembershipRecord): Configuration {
  if (record.kind === 'heard') return before;
  return checkConfiguration(
    record.kind === 'change' ? nextConfiguration(before, record.change) : record.configuration,
  );
}

/** Who comes later, or again, joins: it takes part once it was brought up to date. */
function unheardAfter(
  { unheard }: Membership,
  record: MembershipRecord,
  after: Configuration,
): readonly MemberId[] {
  const members = allMembers(after);
  if (record.kind === 'bootstrap') return members;
  const heard = record.kind === 'heard' ? record.ids : [];
  return unheard.filter((id) => members.includes(id) && !heard.includes(id));
}

function forcedRecovery({ lostVoters, reason, atMs }: ForcedRecord, index: number, term: number) {
  return { index, term, lostVoters, reason, atMs };
}

function endpointsIn(record: MembershipRecord): EndpointsByMember {
  if (record.kind === 'heard') return {};
  if (record.kind !== 'change') return record.endpoints;
  const endpoints: Record<MemberId, Endpoints> = {};
  for (const change of record.change.changes) {
    if (change.type !== 'remove' && change.endpoints !== undefined) {
      endpoints[change.id] = change.endpoints;
    }
  }
  return endpoints;
}

function prioritiesAfter(
  membership: Membership,
  record: MembershipRecord,
  after: Configuration,
): Pick<Membership, 'priorities'> {
  const given: Record<MemberId, number> = { ...membership.priorities };
  for (const change of record.kind === 'change' ? record.change.changes : []) {
    if (change.type === 'update' && change.priority !== undefined)
      given[change.id] = change.priority;
  }
  const priorities = ofMembers(after, given);
  return Object.keys(priorities).length === 0 ? {} : { priorities };
}

/** Nothing is kept of who is no member any more. */
function ofMembers<T>(
  configuration: Configuration,
  known: Readonly<Record<MemberId, T>>,
): Readonly<Record<MemberId, T>> {
  const members = allMembers(configuration);
  return Object.fromEntries(Object.entries(known).filter(([id]) => members.includes(Number(id))));
}
