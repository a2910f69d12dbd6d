// Loaded before a program: names of hosts lead to the addresses that KNOWN_NAMES has for them, as
// /etc/hosts would say it.
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

const names = new Map<string, string>(
  Object.entries(JSON.parse(process.env.KNOWN_NAMES ?? '{}') as Record<string, string>),
);
const { lookup } = dns;
const { lookup: lookupPromised } = dns.promises;

type Answer = (error: null, address: unknown, family: number) => void;

function known(host: string, ...rest: readonly unknown[]): void {
  const address = names.get(host);
  const [options, answer] = rest.length === 1 ? [{}, rest[0]] : rest;
  if (address === undefined) Reflect.apply(lookup, dns, [host, ...rest]);
  else (answer as Answer)(null, wantsAll(options) ? [{ address, family: 4 }] : address, 4);
}

async function knownPromised(host: string, ...rest: readonly unknown[]): Promise<unknown> {
  const address = names.get(host);
  return address === undefined
    ? Reflect.apply(lookupPromised, dns.promises, [host, ...rest])
    : { address, family: 4 };
}

function wantsAll(options: unknown): boolean {
  return typeof options === 'object' && options !== null && Reflect.get(options, 'all') === true;
}

Object.assign(dns, { lookup: known });
Object.assign(dns.promises, { lookup: knownPromised });
syncBuiltinESMExports();
