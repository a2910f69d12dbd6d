import type { MemberId } from 'raft-ts';
import { argumentInvalid, type InodeAppError } from '../errors.js';

/** Where one member of a cluster is reached. */
export interface MemberAddresses {
  readonly id: MemberId;
  /** `host:port` for the other members. */
  readonly memberAddress: string;
  /** `host:port` for clients. */
  readonly clientAddress: string;
}

/** What a member calls itself at the clients' ports of the others, which keep room for it. */
export function memberName(clusterId: string, id: MemberId): string {
  return `member ${id} of ${clusterId}`;
}

/** The form of a member in text, for help and errors. */
export const MEMBERS_FORM = 'ID=MEMBERHOST:PORT/CLIENTHOST:PORT,...';
/** The form of one member's addresses in text. */
export const LISTEN_FORM = 'MEMBERHOST:PORT/CLIENTHOST:PORT';

const MAX_MEMBERS = 15;
/** The highest id of a member. */
export const MAX_MEMBER_ID = 0xffff_ffff;
const MAX_PORT = 65_535;
const ID_AND_ADDRESSES = /^([0-9]{1,10})=(.+)$/;
const ADDRESSES =
  /^((?:\[[0-9a-fA-F:.%]+\]|[^\s:=[\]@/]+):([0-9]{1,5}))\/((?:\[[0-9a-fA-F:.%]+\]|[^\s:=[\]@/]+):([0-9]{1,5}))$/;

/** Reads a list of members, as `formatMembers` writes it. Throws ARGUMENT_INVALID. */
export function parseMembers(text: string): readonly MemberAddresses[] {
  const members = text.split(',').map((part) => parseMember(part.trim()));
  if (members.length > MAX_MEMBERS) throw invalid(`at most ${MAX_MEMBERS} members`);
  const twice = givenTwice(members);
  if (twice !== undefined) throw invalid(`${twice} is given twice`);
  return members;
}

/** An id or address that two of the members have. */
export function givenTwice(members: readonly MemberAddresses[]): string | undefined {
  for (const pick of [
    (member: MemberAddresses) => `${member.id}`,
    (member: MemberAddresses) => member.memberAddress,
    (member: MemberAddresses) => member.clientAddress,
  ]) {
    const seen = members.map(pick);
    const twice = seen.find((value, at) => seen.indexOf(value) !== at);
    if (twice !== undefined) return twice;
  }
  return undefined;
}

function parseMember(text: string): MemberAddresses {
  const [, id, addresses] = ID_AND_ADDRESSES.exec(text) ?? [];
  if (addresses === undefined) throw invalid(`"${text}" has not the form ${MEMBERS_FORM}`);
  if (Number(id) < 1 || Number(id) > MAX_MEMBER_ID)
    throw invalid(`an id is from 1 to ${MAX_MEMBER_ID}`);
  return { id: Number(id), ...parseAddresses(addresses) };
}

/** Reads what a member has of addresses, in the form `LISTEN_FORM`. Throws ARGUMENT_INVALID. */
export function parseAddresses(text: string): Omit<MemberAddresses, 'id'> {
  const [, memberAddress, memberPort, clientAddress, clientPort] = ADDRESSES.exec(text) ?? [];
  if (memberAddress === undefined || clientAddress === undefined) {
    throw argumentInvalid(`"${text}" has not the form ${LISTEN_FORM}`);
  }
  if (!usablePort(memberPort) || !usablePort(clientPort)) {
    throw argumentInvalid(`in "${text}" a port is not from 1 to ${MAX_PORT}`);
  }
  return { memberAddress, clientAddress };
}

function usablePort(port: string | undefined): boolean {
  return Number(port) >= 1 && Number(port) <= MAX_PORT;
}

export function formatMembers(members: readonly MemberAddresses[]): string {
  return members
    .map(({ id, memberAddress, clientAddress }) => `${id}=${memberAddress}/${clientAddress}`)
    .join(',');
}

/** One of the members. Throws ARGUMENT_INVALID when it is none of them. */
export function memberAmong(members: readonly MemberAddresses[], id: MemberId): MemberAddresses {
  const member = members.find((each) => each.id === id);
  if (member !== undefined) return member;
  throw argumentInvalid(`member ${id} is not among the members ${members.map((each) => each.id)}`);
}

function invalid(message: string): InodeAppError {
  return argumentInvalid(`members: ${message}`);
}
