import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { parseAddress } from '@raft-ts/net';
import type { LogLine } from './log-lines.js';
import type { MasterOptions } from './master-options.js';
import { type MemberAddresses, memberAmong } from './members.js';

/** Where a member listens: `host:port` each. */
export type ListenAddresses = Omit<MemberAddresses, 'id'>;
/** The address that this machine has for a name. Rejects when it knows none. */
export type Resolve = (host: string) => Promise<string>;

const resolveHost: Resolve = async (host) => (await lookup(host)).address;
/** What Debian's installer gives a machine's own name in /etc/hosts. */
const OWN_NAME_OF_DEBIAN = '127.0.1.1';

/**
 * Where this member listens: as it is told, else at the addresses under which the others know it.
 * A name of its own that leads to loopback here, though the others are elsewhere, would let nobody
 * in: then it listens at that port on every address that the machine has, and says so.
 */
export async function listenAddresses(
  options: Pick<MasterOptions, 'id' | 'members' | 'listen'>,
  log: LogLine,
  resolve: Resolve = resolveHost,
): Promise<ListenAddresses> {
  const { id, members, listen } = options;
  const own = memberAmong(members, id);
  if (listen !== undefined) return withHttp(listen, listen.httpAddress ?? own.httpAddress);
  const bindable = async (address: string, others: readonly string[]) => {
    const { host, port } = parseAddress(address);
    const leadsTo = await nameLeadsTo(host, resolve);
    if (leadsTo === undefined || !isLoopback(leadsTo)) return address;
    if (leadsTo !== OWN_NAME_OF_DEBIAN && (await areLoopback(others, resolve))) return address;
    const every = leadsTo.includes(':') ? `[::]:${port}` : `0.0.0.0:${port}`;
    log(
      `${host} is ${leadsTo} on this machine, where others can't reach it: listens at ${every}, ` +
        'unless --listen says otherwise',
    );
    return every;
  };
  const others = members.filter((member) => member.id !== id);
  const { httpAddress } = own;
  const listenHttp =
    httpAddress === undefined
      ? undefined
      : await bindable(
          httpAddress,
          others.flatMap((member) => member.httpAddress ?? []),
        );
  const addresses = {
    memberAddress: await bindable(
      own.memberAddress,
      others.map((member) => member.memberAddress),
    ),
    clientAddress: await bindable(
      own.clientAddress,
      others.map((member) => member.clientAddress),
    ),
  };
  return withHttp(addresses, listenHttp);
}

function withHttp(
  { memberAddress, clientAddress }: ListenAddresses,
  httpAddress: string | undefined,
): ListenAddresses {
  const http = httpAddress === undefined ? {} : { httpAddress };
  return { memberAddress, clientAddress, ...http };
}

/** Undefined for what is no name, or has no address here. */
async function nameLeadsTo(host: string, resolve: Resolve): Promise<string | undefined> {
  if (isIP(host) !== 0 || host === 'localhost') return undefined;
  return await resolve(host).catch(() => undefined);
}

/** Whether all of these, as far as they are known, lead to this machine only. */
async function areLoopback(addresses: readonly string[], resolve: Resolve): Promise<boolean> {
  for (const address of addresses) {
    const { host } = parseAddress(address);
    const leadsTo = isIP(host) === 0 ? await resolve(host).catch(() => undefined) : host;
    if (leadsTo === undefined || !isLoopback(leadsTo)) return false;
  }
  return true;
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
