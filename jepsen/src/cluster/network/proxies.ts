import type { Socket } from 'node:net';
import { JepsenError } from '../../errors.js';
import type { Random } from '../../random.js';
import { hasSocket, listenedAt, type SocketAddress, SocketSearch } from './connecting-process.js';
import { checkLinkFault, Link } from './link.js';
import { freePorts, nextLoopbackRange } from './loopback-ports.js';
import type { MemberAddresses, NetworkMember } from './member-addresses.js';
import { MemberProxy } from './member-proxy.js';
import type { LinkFault, Network, Peer } from './network.js';
import { resetSocket } from './passage.js';
import { ProxiedConnection } from './proxied-connection.js';

/** Beyond it nobody connects any more. */
const MAX_CONNECTIONS = 20_000;
const LISTENING_POLL_MS = 50;
/** Members' proxies are at the addresses behind all members'. */
const PROXY_OFFSET = 100;
const MAX_MEMBERS = 99;

export interface ProxyNetworkOptions {
  readonly members: readonly NetworkMember[];
  readonly random: Random;
  /** The processes that are this member. */
  readonly processesOf: (id: number) => readonly number[];
  /** Whether it has any. */
  readonly isRunning: (id: number) => boolean;
}

interface ProxiedPort {
  readonly id: number;
  readonly to: SocketAddress;
  readonly proxy: MemberProxy;
}

interface Carried {
  readonly from: Peer;
  readonly to: number;
  readonly connection: ProxiedConnection;
}

/**
 * A network out of TCP proxies, one before each port of each member, in this process. Who connects is told by
 * whose socket it is. Needs no rights; a member has to reach others at their `peerAddresses`.
 */
export class ProxyNetwork implements Network {
  readonly kind = 'proxies';
  readonly unavailable = {};
  readonly addresses: ReadonlyMap<number, MemberAddresses>;
  readonly #options: ProxyNetworkOptions;
  readonly #links = new Map<string, Link>();
  readonly #carried = new Set<Carried>();
  /** Of whom nobody knows yet who they are. */
  readonly #arriving = new Set<Socket>();
  readonly #search = new SocketSearch();
  /** As they were found last: finding them takes a look at all processes of the machine. */
  readonly #processes = new Map<number, readonly number[]>();
  #ports: readonly ProxiedPort[] = [];
  #poll: NodeJS.Timeout | undefined;
  #isDisposed = false;

  private constructor(
    options: ProxyNetworkOptions,
    addresses: ReadonlyMap<number, MemberAddresses>,
  ) {
    this.#options = options;
    this.addresses = addresses;
  }

  static async open(options: ProxyNetworkOptions): Promise<ProxyNetwork> {
    const { members } = options;
    if (members.some(({ id }) => id > MAX_MEMBERS)) {
      throw new JepsenError('OPTIONS_INVALID', `a network has ${MAX_MEMBERS} members at most`);
    }
    const range = nextLoopbackRange();
    const addresses = new Map<number, MemberAddresses>();
    for (const member of members) addresses.set(member.id, await placeMember(member, range));
    const network = new ProxyNetwork(options, addresses);
    try {
      await network.#openProxies();
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
    return network;
  }

  enter(): readonly string[] {
    return [];
  }

  async setLink(from: Peer, to: Peer, fault: LinkFault): Promise<void> {
    checkLinkFault(fault);
    this.#link(from, to).set(fault);
    await this.#openPorts();
  }

  async reset(from: Peer, to: Peer): Promise<void> {
    for (const carried of [...this.#carried]) {
      const isBetween =
        (carried.from === from && carried.to === to) ||
        (carried.from === to && carried.to === from);
      if (isBetween) carried.connection.reset();
    }
  }

  async heal(): Promise<void> {
    for (const link of this.#links.values()) link.set({});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    clearTimeout(this.#poll);
    await Promise.all(this.#ports.map(({ proxy }) => proxy[Symbol.asyncDispose]()));
    this.#search[Symbol.dispose]();
    for (const socket of this.#arriving) socket.destroy();
    for (const { connection } of [...this.#carried]) connection.reset();
  }

  async #openProxies(): Promise<void> {
    const ports: ProxiedPort[] = [];
    this.#ports = ports;
    for (const { id, ports: names } of this.#options.members) {
      const place = this.addresses.get(id);
      for (const name of names) {
        const to = { address: place?.host ?? '', port: place?.ports[name] ?? 0 };
        const at = { address: proxyAddress(to.address), port: to.port };
        const proxy = await MemberProxy.open(at, (socket) => void this.#accept(socket, port));
        const port: ProxiedPort = { id, to, proxy };
        ports.push(port);
      }
    }
  }

  async #accept(near: Socket, port: ProxiedPort): Promise<void> {
    near.on('error', () => undefined);
    this.#arriving.add(near);
    const isFull = this.#carried.size + this.#arriving.size > MAX_CONNECTIONS;
    const from = isFull ? undefined : await this.#peerOf(near);
    this.#arriving.delete(near);
    if (from === undefined || this.#isDisposed) {
      resetSocket(near);
      return;
    }
    const links = { there: this.#link(from, port.id), back: this.#link(port.id, from) };
    const connection = new ProxiedConnection(near, port.to, links, {
      refused: () => this.#refuse(port),
      closed: () => this.#carried.delete(carried),
    });
    const carried: Carried = { from, to: port.id, connection };
    this.#carried.add(carried);
  }

  /** Undefined where who connected is gone: nobody can tell who it was, nor hears an answer. */
  async #peerOf(near: Socket): Promise<Peer | undefined> {
    const { remoteAddress, remotePort, localAddress, localPort } = near;
    if (remoteAddress === undefined || remotePort === undefined) return undefined;
    if (localAddress === undefined || localPort === undefined) return undefined;
    const from = { address: remoteAddress, port: remotePort };
    const inode = await this.#search.find(from, { address: localAddress, port: localPort });
    if (inode === undefined) return undefined;
    const known = this.#ownerOf(inode);
    if (known !== undefined) return known;
    if (hasSocket('self', inode)) return 'clients';
    for (const { id } of this.#options.members) {
      this.#processes.set(id, this.#options.processesOf(id));
    }
    return this.#ownerOf(inode) ?? 'clients';
  }

  #ownerOf(inode: string): number | undefined {
    for (const [id, pids] of this.#processes) {
      if (pids.some((pid) => hasSocket(pid, inode))) return id;
    }
    return undefined;
  }

  #link(from: Peer, to: Peer): Link {
    const name = `${from} ${to}`;
    const link = this.#links.get(name) ?? new Link(this.#options.random.fork());
    this.#links.set(name, link);
    return link;
  }

  /** Nobody listens there: nobody is let in until somebody does. Who is cut off is not to know it. */
  #refuse(port: ProxiedPort): void {
    if (this.#isDisposed || this.#isCutOff(port.id)) return;
    port.proxy.setOpen(false).catch(() => undefined);
    this.#poll ??= setInterval(() => {
      // Taken by another for the moment: the next time.
      this.#openPorts().catch(() => undefined);
    }, LISTENING_POLL_MS);
  }

  async #openPorts(): Promise<void> {
    const closed = this.#ports.filter(({ proxy }) => !proxy.isOpen);
    if (closed.length === 0) {
      clearInterval(this.#poll);
      this.#poll = undefined;
    }
    const running = closed.filter(({ id }) => this.#options.isRunning(id));
    const listening = running.length === 0 ? [] : listenedAt(running.map(({ to }) => to));
    const opening = closed.filter(({ id, to }) => this.#isCutOff(id) || listening.includes(to));
    await Promise.all(opening.map(({ proxy }) => proxy.setOpen(!this.#isDisposed)));
  }

  #isCutOff(id: number): boolean {
    const peers: readonly Peer[] = ['clients', ...this.#options.members.map((member) => member.id)];
    return peers.some((peer) => this.#link(peer, id).isCut || this.#link(id, peer).isCut);
  }
}

async function placeMember(member: NetworkMember, range: string): Promise<MemberAddresses> {
  const host = `${range}.${member.id}`;
  const free = await freePorts(host, member.ports.length);
  const ports = Object.fromEntries(member.ports.map((name, index) => [name, free[index] ?? 0]));
  const addresses = Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [name, `${proxyAddress(host)}:${port}`]),
  );
  return { host, ports, peerAddresses: addresses, clientAddresses: addresses };
}

function proxyAddress(host: string): string {
  const bytes = host.split('.').map(Number);
  return [...bytes.slice(0, 3), (bytes[3] ?? 0) + PROXY_OFFSET].join('.');
}
