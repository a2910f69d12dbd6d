import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv4 } from 'node:net';

/** An end of a connection. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * The socket of this machine that is connected from there to here, by its inode: what /proc calls it.
 * Undefined where there is none any more, or no process has it: it was closed meanwhile.
 */
export function connectedSocket(from: SocketAddress, to: SocketAddress): string | undefined {
  for (const [file, hostOf] of TABLES) {
    const ends = ` ${hostOf(from.address)}:${hexPort(from.port)} ${hostOf(to.address)}:${hexPort(to.port)} `;
    const table = readFileSync(file, 'latin1');
    const at = table.indexOf(ends);
    if (at < 0) continue;
    const line = table.slice(at, table.indexOf('\n', at)).trim().split(/ +/);
    const inode = line[INODE_FIELD];
    return inode === '0' ? undefined : inode;
  }
  return undefined;
}

/** Whether somebody of this machine listens there. */
export function isListenedAt({ address, port }: SocketAddress): boolean {
  return TABLES.some(([file, hostOf]) => {
    const table = readFileSync(file, 'latin1');
    const everywhere = hostOf('0.0.0.0');
    const none = '0'.repeat(everywhere.length);
    return [hostOf(address), everywhere, none].some((host) =>
      table.includes(` ${host}:${hexPort(port)} ${none}:0000 ${LISTENING} `),
    );
  });
}

/** Counted from the first address. */
const INODE_FIELD = 8;
const LISTENING = '0A';

const TABLES: readonly (readonly [string, (address: string) => string])[] = [
  ['/proc/net/tcp', hexHost],
  // A program that speaks both writes IPv4 addresses so.
  ['/proc/net/tcp6', (address) => `0000000000000000FFFF0000${hexHost(address)}`],
];

/** The kernel writes addresses as numbers of this machine's byte order. */
function hexHost(address: string): string {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  if (!isIPv4(plain)) return plain;
  const bytes = Buffer.from(plain.split('.').map(Number));
  return bytes.reverse().toString('hex').toUpperCase();
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** Whether this process has the socket open. */
export function hasSocket(pid: number | 'self', inode: string): boolean {
  const directory = `/proc/${pid}/fd`;
  const wanted = `socket:[${inode}]`;
  try {
    return readdirSync(directory).some((name) => linkOf(`${directory}/${name}`) === wanted);
  } catch {
    return false; // It has ended.
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // Closed meanwhile.
  }
}
