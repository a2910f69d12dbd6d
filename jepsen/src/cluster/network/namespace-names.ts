import { JepsenError } from '../../errors.js';
import { runHostCommand } from '../host-command.js';

let networks = 0;

/** The last byte of the address of the bridge, where clients are. */
const CLIENTS_BYTE = 254;

/** What a network of namespaces puts into the machine, by name. */
export interface NamespaceNames {
  readonly bridge: string;
  /** `10.x.y`: all addresses begin so. */
  readonly range: string;
  readonly clients: string;
  namespace(id: number): string;
  /** The host's end of a member's cable. */
  cable(id: number): string;
  address(id: number): string;
  enter(id: number): readonly string[];
}

/** Names carry this process's id, so that several programs stay apart. Devices' names have 15 letters at most. */
export function namesOf(range: string): NamespaceNames {
  const name = `jp${process.pid.toString(36)}x${networks++ % 100}`;
  const namespace = (id: number): string => `${name}n${id}`;
  return {
    bridge: name,
    range,
    clients: `${range}.${CLIENTS_BYTE}`,
    namespace,
    cable: (id) => `${name}v${id}`,
    address: (id) => `${range}.${id}`,
    enter: (id) => ['nsenter', `--net=/run/netns/${namespace(id)}`, '--'],
  };
}

/** The first three bytes of a private range to which no route of this machine leads. */
export async function freeRange(): Promise<string> {
  const routes = await runHostCommand('ip', '-4', 'route', 'show', 'table', 'all');
  const taken = [...routes.matchAll(/(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?/g)].map(
    ([, address = '', bits = '32']) => ({ start: numberOf(address), bits: Number(bits) }),
  );
  for (let offset = 0; offset < 250 * 250; offset++) {
    const number = (process.pid * 16 + networks + offset) % (250 * 250);
    const range = `10.${1 + Math.floor(number / 250)}.${1 + (number % 250)}`;
    const start = numberOf(`${range}.0`);
    const overlaps = taken.some((other) => {
      const size = 2 ** (32 - Math.min(other.bits, 24));
      return Math.floor(start / size) === Math.floor(other.start / size);
    });
    if (!overlaps) return range;
  }
  throw new JepsenError('CLUSTER_FAILED', 'routes lead to all of 10.0.0.0/8: use proxies');
}

function numberOf(address: string): number {
  return address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0);
}
