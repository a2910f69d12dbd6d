import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { performance } from 'node:perf_hooks';

/** An end of a connection. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

interface Search {
  readonly from: SocketAddress;
  readonly to: SocketAddress;
  readonly found: (inode: string | undefined) => void;
  /** The kernel lists sockets piece by piece, and can leave one out while others come and go. */
  looksLeft: number;
}

const LOOKS = 2;
/** Reading the kernel's list takes milliseconds: it is read less often where it takes longer, for all that wait at once. */
const REST_FACTOR = 4;

/** Finds sockets of this machine by their connections, as long as it is not disposed. */
export class SocketSearch implements Disposable {
  #waiting: Search[] = [];
  #timer: NodeJS.Timeout | undefined;
  #restsUntilMs = 0;
  #isDisposed = false;

  /**
   * The socket that is connected from there to here, by its inode: what /proc calls it. Undefined where there is
   * none any more, or no process has it: it was closed meanwhile.
   */
  find(from: SocketAddress, to: SocketAddress): Promise<string | undefined> {
    return new Promise((found) => {
      this.#waiting.push({ from, to, found, looksLeft: LOOKS });
      this.#arrange();
    });
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    for (const { found } of this.#waiting.splice(0)) found(undefined);
  }

  #arrange(): void {
    if (this.#waiting.length === 0 || this.#timer !== undefined || this.#isDisposed) return;
    const restMs = Math.max(0, this.#restsUntilMs - performance.now());
    this.#timer = setTimeout(() => this.#look(), restMs);
  }

  #look(): void {
    this.#timer = undefined;
    const startMs = performance.now();
    const searches = this.#waiting;
    this.#waiting = [];
    let left: readonly Search[] = searches;
    for (const table of TABLES) left = left.length === 0 ? left : lookInto(table, left);
    for (const search of left) {
      search.looksLeft--;
      if (search.looksLeft > 0) this.#waiting.push(search);
      else search.found(undefined);
    }
    const endMs = performance.now();
    this.#restsUntilMs = endMs + (endMs - startMs) * REST_FACTOR;
    this.#arrange();
  }
}

/** Those that it does not tell. */
function lookInto([file, hostOf]: Table, searches: readonly Search[]): readonly Search[] {
  const text = readFileSync(file, 'latin1');
  return searches.filter(({ from, to, found }) => {
    const ends = [from, to].map(({ address, port }) => `${hostOf(address)}:${hexPort(port)}`);
    const at = text.indexOf(` ${ends.join(' ')} `);
    if (at < 0) return true;
    const inode = text.slice(at, text.indexOf('\n', at)).trim().split(/ +/)[INODE_FIELD];
    found(inode === '0' ? undefined : inode);
    return false;
  });
}

/** Those of these addresses at which somebody of this machine listens. */
export function listenedAt(addresses: readonly SocketAddress[]): readonly SocketAddress[] {
  const listening = TABLES.map(([file, hostOf]) => {
    const text = readFileSync(file, 'latin1');
    const everywhere = [hostOf('0.0.0.0'), '0'.repeat(hostOf('0.0.0.0').length)];
    const none = `${everywhere[1]}:0000`;
    return ({ address, port }: SocketAddress): boolean =>
      [hostOf(address), ...everywhere].some((host) =>
        text.includes(` ${host}:${hexPort(port)} ${none} ${LISTENING} `),
      );
  });
  return addresses.filter((address) => listening.some((isListening) => isListening(address)));
}

/** Counted from the first address. */
const INODE_FIELD = 8;
const LISTENING = '0A';

type Table = readonly [file: string, hostOf: (address: string) => string];

const TABLES: readonly Table[] = [
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
