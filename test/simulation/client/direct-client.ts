import { isNetError, NetError, type RpcConnection } from '@raft-ts/net';
import type { MemberId } from 'raft-ts';
import { addressOf } from '../addresses.js';
import { APPEND_LOST, ListMethod } from '../member/list-service.js';
import type { NodeId } from '../wire/link.js';
import { VirtualRpcNetwork } from '../wire/rpc.js';
import { Client, type ClientParts } from './client.js';

/** Codes of answers that say: nothing happened, ask somebody else. */
const ELSEWHERE = ['NOT_LEADER', 'LEADERSHIP_LOST', 'REPLICA_STOPPED'];
/** Codes with which an append has definitely had no effect, and never will. */
const WITHOUT_EFFECT = [...ELSEWHERE, 'RPC_NOT_SENT', 'PROPOSALS_OVERLOADED', APPEND_LOST];
const AT_A_LIMIT = ['PROPOSALS_OVERLOADED', 'READS_OVERLOADED'];
/** Before another member is asked when nobody knows the leader. */
const RETRY_MS = 25;
/** How often somebody is asked at random, though another one is known to lead. */
const STRAY_RATE = 0.15;

/** Asks members itself, also those who led before, and never tries an append again. */
export class DirectClient extends Client {
  readonly #network: VirtualRpcNetwork;
  readonly #connections = new Map<MemberId, RpcConnection>();
  #target: MemberId;

  constructor(node: NodeId, parts: ClientParts) {
    super(node, parts);
    const { machines } = parts.options;
    this.#network = new VirtualRpcNetwork(node, this.process, parts.rpc, machines);
    this.#target = this.random.pick(machines);
  }

  protected async request(): Promise<void> {
    const { machines, requestTimeoutMs } = this.parts.options;
    const member = this.random.chance(STRAY_RATE) ? this.random.pick(machines) : this.#target;
    const timeout = new AbortController();
    const cancel = this.process.clock.after(requestTimeoutMs, () =>
      timeout.abort(new Error('no answer in time')),
    );
    try {
      const connection = await this.#connect(member, timeout.signal);
      await this.#operate(connection, member, timeout.signal);
    } catch {
      this.#askNext();
      await this.sleep(RETRY_MS);
    } finally {
      cancel();
    }
  }

  /** In turn, so that who serves is found however many do not. */
  #askNext(): void {
    const { machines } = this.parts.options;
    const next = (machines.indexOf(this.#target) + 1) % machines.length;
    this.#target = machines[next] ?? this.#target;
  }

  protected async close(): Promise<void> {
    for (const connection of this.#connections.values()) await connection.close();
  }

  async #connect(member: MemberId, signal: AbortSignal): Promise<RpcConnection> {
    const known = this.#connections.get(member);
    if (known?.open === true) return known;
    const connection = await this.#network.connect(addressOf(member), signal);
    this.#connections.set(member, connection);
    return connection;
  }

  async #operate(connection: RpcConnection, member: MemberId, signal: AbortSignal): Promise<void> {
    const operation = this.begin();
    const [method, body] =
      operation.kind === 'append' ? [ListMethod.Append, operation.value] : [this.#reading(), null];
    let result: unknown;
    try {
      result = await connection.request(method, body, signal);
    } catch (error) {
      const { code, leader } = failureOf(error);
      if (code === APPEND_LOST) this.parts.coverage.count('write lost to another leader');
      if (AT_A_LIMIT.includes(code)) this.parts.coverage.count('request refused at a limit');
      this.failed(operation, WITHOUT_EFFECT.includes(code));
      if (leader > 0) this.#target = leader;
      else if (code !== APPEND_LOST) this.#askNext();
      await this.sleep(RETRY_MS);
      return;
    }
    this.#target = member;
    this.answered(operation, result);
  }

  #reading(): number {
    const leases = this.parts.options.leaseReads !== undefined;
    return leases && this.random.chance(0.5) ? ListMethod.LeaseRead : ListMethod.Read;
  }
}

/** The code of a failed request, and who leads as far as the answer says; 0 for nobody. */
function failureOf(error: unknown): { readonly code: string; readonly leader: MemberId } {
  if (!(error instanceof NetError)) return { code: 'TIMEOUT', leader: 0 };
  if (!isNetError(error, 'RPC_FAILED')) return { code: error.code, leader: 0 };
  const { code, details } = error.details;
  const names = typeof details === 'object' && details !== null && 'leader' in details;
  return { code, leader: names && typeof details.leader === 'number' ? details.leader : 0 };
}
