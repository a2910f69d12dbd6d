import { JepsenError } from '../../errors.js';
import { hostCommandProblem, runHostCommand } from '../host-command.js';
import { type MachineRecord, removePart } from '../leftovers.js';
import { checkLinkFault } from './link.js';
import type { MemberAddresses, NetworkMember } from './member-addresses.js';
import { freeRange, type NamespaceNames, namesOf } from './namespace-names.js';
import type { LinkFault, Network, Peer } from './network.js';
import { canDestroySockets } from './socket-destruction.js';
import { type ShapingProblems, shapeTraffic, shapingProblems } from './traffic-shaping.js';

/** The first port of each member: no port of a namespace of its own is taken. */
const FIRST_PORT = 10_000;
const HOST_PROGRAMS = ['ip', 'iptables', 'nsenter'];
const SLICE_REASON = 'packets are as TCP makes them: proxies can slice streams';

interface FaultyLink {
  readonly from: Peer;
  readonly to: Peer;
  readonly fault: LinkFault;
}

/** Why members can't have namespaces of their own here; undefined: they can. */
export async function namespacesProblem(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces need Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root: proxies do not';
  for (const program of HOST_PROGRAMS) {
    const problem = await hostCommandProblem('sh', '-c', `command -v ${program}`);
    if (problem !== undefined) return `network namespaces need the program ${program}`;
  }
  return undefined;
}

/**
 * Each member in a network namespace of its own, on a bridge; clients are on its host's side. What is cut off is
 * dropped by iptables in a member's namespace, packet by packet, as a broken network does.
 */
export class NamespaceNetwork implements Network {
  readonly kind = 'namespaces';
  readonly unavailable: Network['unavailable'];
  readonly addresses: ReadonlyMap<number, MemberAddresses>;
  readonly #names: NamespaceNames;
  readonly #members: readonly NetworkMember[];
  readonly #record: MachineRecord;
  readonly #faults = new Map<string, FaultyLink>();

  private constructor(network: BuiltNetwork, unavailable: Network['unavailable']) {
    this.#names = network.names;
    this.#members = network.members;
    this.#record = network.record;
    this.unavailable = unavailable;
    this.addresses = new Map(
      network.members.map(({ id, ports }) => [id, addressesOf(network.names.address(id), ports)]),
    );
  }

  /** Rejects with CLUSTER_FAILED where it can't be had. */
  static async open(
    members: readonly NetworkMember[],
    record: MachineRecord,
  ): Promise<NamespaceNetwork> {
    const problem = await namespacesProblem();
    if (problem !== undefined) throw new JepsenError('CLUSTER_FAILED', problem);
    const network: BuiltNetwork = { members, record, names: namesOf(await freeRange()) };
    try {
      await build(network);
      const [first] = members;
      const shaping =
        first === undefined ? {} : await shapingProblems(network.names.enter(first.id));
      return new NamespaceNetwork(network, await unavailableFaults(shaping));
    } catch (error) {
      await takeDown(network);
      throw error;
    }
  }

  enter(id: number): readonly string[] {
    return this.#names.enter(id);
  }

  async setLink(from: Peer, to: Peer, fault: LinkFault): Promise<void> {
    checkLinkFault(fault);
    for (const name of Object.keys(fault) as readonly (keyof LinkFault)[]) {
      const reason = fault[name] === undefined ? undefined : this.unavailable[name];
      if (reason !== undefined) throw new JepsenError('NEMESIS_UNAVAILABLE', reason);
    }
    const key = `${from} ${to}`;
    const former = this.#faults.get(key)?.fault ?? {};
    this.#faults.set(key, { from, to, fault });
    await this.#dropPackets(from, to, former, fault);
    await shapeTraffic(this.#egress(from), this.#classOf(to), former, fault);
  }

  async reset(from: Peer, to: Peer): Promise<void> {
    if (this.unavailable.reset !== undefined) {
      throw new JepsenError('NEMESIS_UNAVAILABLE', this.unavailable.reset);
    }
    // On both sides: where the link is cut, neither hears of the other.
    await Promise.all([
      runHostCommand(...command(this.#enterPeer(from), 'ss', '-K', 'dst', this.#addressOf(to))),
      runHostCommand(...command(this.#enterPeer(to), 'ss', '-K', 'dst', this.#addressOf(from))),
    ]);
  }

  async heal(): Promise<void> {
    await Promise.all(
      [...this.#faults.values()].map(async ({ from, to }) => {
        await this.setLink(from, to, {});
        this.#faults.delete(`${from} ${to}`);
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await takeDown({ members: this.#members, record: this.#record, names: this.#names });
  }

  /** In the receiver's namespace; what goes to clients, where it leaves. */
  async #dropPackets(from: Peer, to: Peer, former: LinkFault, fault: LinkFault): Promise<void> {
    const [peer, chain, side, address] =
      to === 'clients'
        ? ([from, 'OUTPUT', '-d', this.#addressOf(to)] as const)
        : ([to, 'INPUT', '-s', this.#addressOf(from)] as const);
    const match = [chain, side, address];
    const [before, after] = [former, fault].map(dropRule);
    if (before?.join(' ') === after?.join(' ')) return;
    const rules = (action: string, rule: readonly string[]): Promise<string> =>
      runHostCommand(
        ...command(this.#enterPeer(peer), 'iptables', '--wait', action, ...match, ...rule),
      );
    if (after !== undefined) await rules('--insert', after);
    if (before !== undefined) await rules('--delete', before);
  }

  #addressOf(peer: Peer): string {
    return peer === 'clients' ? this.#names.clients : this.#names.address(peer);
  }

  #enterPeer(peer: Peer): readonly string[] {
    return peer === 'clients' ? [] : this.#names.enter(peer);
  }

  #egress(peer: Peer): { readonly enter: readonly string[]; readonly device: string } {
    const device = peer === 'clients' ? this.#names.bridge : 'eth0';
    return { enter: this.#enterPeer(peer), device };
  }

  #classOf(peer: Peer): { readonly number: number; readonly address: string } {
    return { number: peer === 'clients' ? 100 : peer, address: this.#addressOf(peer) };
  }
}

interface BuiltNetwork {
  readonly members: readonly NetworkMember[];
  readonly record: MachineRecord;
  readonly names: NamespaceNames;
}

async function build({ members, record, names }: BuiltNetwork): Promise<void> {
  const { bridge, clients } = names;
  record.add('links', bridge);
  await runHostCommand('ip', 'link', 'add', bridge, 'type', 'bridge');
  await runHostCommand('ip', 'address', 'add', `${clients}/24`, 'dev', bridge);
  await runHostCommand('ip', 'link', 'set', bridge, 'up');
  for (const { id } of members) {
    const [namespace, cable] = [names.namespace(id), names.cable(id)];
    record.add('namespaces', namespace);
    record.add('links', cable);
    await runHostCommand('ip', 'netns', 'add', namespace);
    const ends = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace];
    await runHostCommand('ip', 'link', 'add', cable, ...ends);
    await runHostCommand('ip', 'link', 'set', cable, 'master', bridge, 'up');
    const address = `${names.address(id)}/24`;
    await runHostCommand('ip', '-n', namespace, 'address', 'add', address, 'dev', 'eth0');
    await runHostCommand('ip', '-n', namespace, 'link', 'set', 'eth0', 'up');
    await runHostCommand('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
  }
}

/** As far as it is there. */
async function takeDown({ members, record, names }: BuiltNetwork): Promise<void> {
  const links = [...members.map(({ id }) => names.cable(id)), names.bridge];
  for (const { id } of members) {
    await removePart(record, 'namespaces', names.namespace(id));
  }
  for (const link of links) await removePart(record, 'links', link);
}

function addressesOf(host: string, names: readonly string[]): MemberAddresses {
  const ports = Object.fromEntries(names.map((name, index) => [name, FIRST_PORT + index]));
  const addresses = Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [name, `${host}:${port}`]),
  );
  return { host, ports, peerAddresses: addresses, clientAddresses: addresses };
}

async function unavailableFaults(shaping: ShapingProblems): Promise<Network['unavailable']> {
  const { delay, throttle } = shaping;
  const canReset = await canDestroySockets();
  return {
    sliceBytes: SLICE_REASON,
    ...(delay === undefined ? {} : { delayMs: delay, jitterMs: delay }),
    ...(throttle === undefined ? {} : { bytesPerSecond: throttle }),
    ...(canReset ? {} : { reset: 'ss -K ends no connections here: proxies do' }),
  };
}

/** What iptables does with the packets; undefined: nothing. */
function dropRule({ cut = false, lossShare = 0 }: LinkFault): readonly string[] | undefined {
  if (cut || lossShare === 1) return ['-j', 'DROP'];
  if (lossShare === 0) return undefined;
  const probability = lossShare.toFixed(6);
  return ['-m', 'statistic', '--mode', 'random', '--probability', probability, '-j', 'DROP'];
}

function command(enter: readonly string[], ...args: readonly string[]): [string, ...string[]] {
  const [file = '', ...rest] = [...enter, ...args];
  return [file, ...rest];
}
