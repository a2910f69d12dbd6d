import { argumentInvalid, InodeAppError } from '../errors.js';

/** Where `npm start` serves clients; members are reached at the other ports. */
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_CLIENT_PORT = 6101;
export const DEFAULT_MEMBER_PORT = 6201;
/** So much above the members' ports they give each other their state, unless it is said otherwise. */
export const HTTP_PORT_OFFSET = 100;
/** The environment variable that stands in for `--addresses`. */
export const ADDRESSES_VARIABLE = 'INODE_APP_ADDRESSES';

const MAX_PORT = 65_535;
/** Addresses in one list. */
const MAX_ADDRESSES = 64;

/** What clients use when nothing else is said. */
export function defaultAddresses(): readonly string[] {
  return [0, 1, 2].map((offset) => `${DEFAULT_HOST}:${DEFAULT_CLIENT_PORT + offset}`);
}

/** Checks one `host:port`; an IPv6 host stands in brackets. Throws ARGUMENT_INVALID. */
export function parseAddress(text: string): string {
  const match = /^(\[[0-9a-fA-F:.]+(?:%[\w.-]+)?\]|[^\s:[\]@/]+):([0-9]{1,5})$/.exec(text.trim());
  const port = Number(match?.[2]);
  if (match === null || port < 1 || port > MAX_PORT) {
    throw argumentInvalid(
      `"${text}" is no address: write host:port, such as ${DEFAULT_HOST}:${DEFAULT_CLIENT_PORT}`,
    );
  }
  return text.trim();
}

/** Checks a list of addresses with commas in between. Throws ARGUMENT_INVALID. */
function parseAddresses(text: string): readonly string[] {
  const addresses = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => parseAddress(part));
  if (addresses.length > 0 && addresses.length <= MAX_ADDRESSES) return [...new Set(addresses)];
  throw argumentInvalid(
    `a list of addresses has 1 to ${MAX_ADDRESSES}, as in ${defaultAddresses().join(',')}`,
  );
}

/** The addresses that a client is to use: the option, else the variable, else the defaults. */
export function clientAddresses(
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
): readonly string[] {
  if (option !== undefined) return parseAddresses(option);
  const variable = environment[ADDRESSES_VARIABLE];
  if (variable === undefined || variable.trim() === '') return defaultAddresses();
  try {
    return parseAddresses(variable);
  } catch (error) {
    if (!(error instanceof InodeAppError)) throw error;
    throw argumentInvalid(`${ADDRESSES_VARIABLE}: ${error.message}`);
  }
}
