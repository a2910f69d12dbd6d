import type { Endpoints, MemberId } from 'raft-ts';
import { argumentInvalid, InodeAppError } from '../errors.js';

/** Where one member of a cluster is reached. */
export interface MemberAddresses {
  readonly id: MemberId;
  /** `host:port` for the other members. */
  readonly memberAddress: string;
  /** `host:port` for clients. */
  readonly clientAddress: string;
  /** `host:port` over HTTP, where members give each other their state. Without it, it neither gives nor takes one. */
  readonly httpAddress?: string;
}

/** As the membership carries them. */
export function endpointsOf({
  memberAddress,
  clientAddress,
  httpAddress,
}: Omit<MemberAddresses, 'id'>): Endpoints {
  const http = httpAddress === undefined ? {} : { http: httpAddress };
  return { member: memberAddress, client: clientAddress, ...http };
}

/** What a member calls itself at the clients' ports of the others, which keep room for it. */
export function memberName(clusterId: string, id: MemberId): string {
  return `member ${id} of ${clusterId}`;
}

/** The form of one member's addresses in text, for help and errors. */
export const LISTEN_FORM = 'MEMBERHOST:PORT/CLIENTHOST:PORT[/HTTPHOST:PORT]';
/** Of a member. */
export const MEMBER_FORM = `ID=${LISTEN_FORM}`;
/** Of several. */
export const MEMBERS_FORM = `${MEMBER_FORM},...`;

const MAX_MEMBERS = 15;
/** The highest id of a member. */
export const MAX_MEMBER_ID = 0xffff_ffff;
const MAX_PORT = 65_535;
const ID_AND_ADDRESSES = /^([0-9]{1,10})=(.+)$/;
/** A name, or an IP address; of IPv6 in brackets, with its zone where it needs one. */
const HOST = String.raw`(?:\[[0-9a-fA-F:.]+(?:%[\w.-]+)?\]|[^\s:=[\]@/]+)`;
const ADDRESS = `(${HOST}:([0-9]{1,5}))`;
const ADDRESSES = new RegExp(`^${ADDRESS}/${ADDRESS}(?:/${ADDRESS})?$`);

/** Reads a list of members, as `formatMembers` writes it. Throws ARGUMENT_INVALID. */
export function parseMembers(text: string): readonly MemberAddresses[] {
  return naming('--members', () => readMembers(text));
}

function readMembers(text: string): readonly MemberAddresses[] {
  const members = text.split(',').map((part) => parseMember(part.trim()));
  if (members.length > MAX_MEMBERS) throw argumentInvalid(`at most ${MAX_MEMBERS} members`);
  refuseTwice(givenTwice(members));
  return members;
}

/** An id or address that is given twice among the members, to two or to one; port 0 is any free one. */
export function givenTwice(members: readonly MemberAddresses[]): string | undefined {
  const addresses = members.flatMap(addressesOf);
  return (
    twiceIn(members.map(({ id }) => `${id}`)) ??
    twiceIn(addresses.filter((address) => !address.endsWith(':0')))
  );
}

function addressesOf({
  memberAddress,
  clientAddress,
  httpAddress,
}: Omit<MemberAddresses, 'id'>): readonly string[] {
  const http = httpAddress === undefined ? [] : [httpAddress];
  return [memberAddress, clientAddress, ...http];
}

function twiceIn(values: readonly string[]): string | undefined {
  return values.find((value, at) => values.indexOf(value) !== at);
}

function refuseTwice(twice: string | undefined): void {
  if (twice !== undefined) throw argumentInvalid(`${twice} is given twice`);
}

/** Reads one member. Throws ARGUMENT_INVALID. */
export function parseMember(text: string): MemberAddresses {
  const [, id, addresses] = ID_AND_ADDRESSES.exec(text) ?? [];
  if (addresses === undefined) throw argumentInvalid(`"${text}" has not the form ${MEMBER_FORM}`);
  if (Number(id) < 1 || Number(id) > MAX_MEMBER_ID)
    throw argumentInvalid(`an id is from 1 to ${MAX_MEMBER_ID}`);
  return { id: Number(id), ...parseAddresses(addresses) };
}

/** Reads what a member has of addresses, in the form `LISTEN_FORM`. Throws ARGUMENT_INVALID. */
export function parseAddresses(text: string): Omit<MemberAddresses, 'id'> {
  const [, memberAddress, memberPort, clientAddress, clientPort, httpAddress, httpPort] =
    ADDRESSES.exec(text) ?? [];
  if (memberAddress === undefined || clientAddress === undefined) {
    throw argumentInvalid(`"${text}" has not the form ${LISTEN_FORM}`);
  }
  const ports = [memberPort, clientPort, ...(httpAddress === undefined ? [] : [httpPort])];
  if (!ports.every(usablePort)) {
    throw argumentInvalid(`in "${text}" a port is not from 1 to ${MAX_PORT}`);
  }
  const addresses = {
    memberAddress,
    clientAddress,
    ...(httpAddress === undefined ? {} : { httpAddress }),
  };
  refuseTwice(twiceIn(addressesOf(addresses)));
  return addresses;
}

/** Reads where a member is to listen, in the form `LISTEN_FORM`. Throws ARGUMENT_INVALID. */
export function parseListen(text: string): Omit<MemberAddresses, 'id'> {
  return naming('--listen', () => parseAddresses(text));
}

/** Reads where a member is reached, in the form `LISTEN_FORM`. Throws ARGUMENT_INVALID. */
export function parseAdvertise(text: string): Omit<MemberAddresses, 'id'> {
  return naming('--advertise', () => parseAddresses(text));
}

/** Names the option whose value means nothing. */
function naming<T>(option: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InodeAppError)) throw error;
    throw argumentInvalid(`${option}: ${error.message}`);
  }
}

function usablePort(port: string | undefined): boolean {
  return Number(port) >= 1 && Number(port) <= MAX_PORT;
}

export function formatMembers(members: readonly MemberAddresses[]): string {
  return members.map((member) => `${member.id}=${formatAddresses(member)}`).join(',');
}

/** In the form `LISTEN_FORM`. */
export function formatAddresses(addresses: Omit<MemberAddresses, 'id'>): string {
  return addressesOf(addresses).join('/');
}

/** For whom each address is, to people. */
export function addressesText({
  memberAddress,
  clientAddress,
  httpAddress,
}: Omit<MemberAddresses, 'id'>): string {
  const parts = [`${memberAddress} by members`, `${clientAddress} by clients`];
  return httpAddress === undefined
    ? `${parts.join(' and ')}, and not over HTTP`
    : `${parts.join(', ')} and ${httpAddress} over HTTP`;
}

/** One of the members. Throws ARGUMENT_INVALID when it is none of them. */
export function memberAmong(members: readonly MemberAddresses[], id: MemberId): MemberAddresses {
  const member = members.find((each) => each.id === id);
  if (member !== undefined) return member;
  throw argumentInvalid(`member ${id} is not among the members ${members.map((each) => each.id)}`);
}
