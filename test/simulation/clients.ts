import { type MemberId, RaftError, type RpcConnection } from 'raft-ts';
import { VirtualProcess, type VirtualTime } from './clock.js';
import { addressOf } from './cluster.js';
import type { Coverage } from './coverage.js';
import type { Operation } from './history.js';
import { APPEND_LOST, type AppendResult, ListMethod, type ReadResult } from './list-service.js';
import type { NodeId } from './network.js';
import type { SimulationOptions } from './options.js';
import type { Random } from './random.js';
import { type RpcExchange, VirtualRpcNetwork } from './rpc.js';
import type { Trace } from './trace.js';
import type { Watch } from './watch.js';

export interface ClientParts {
  readonly options: SimulationOptions;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly rpc: RpcExchange;
  readonly coverage: Coverage;
  readonly trace: Trace;
  readonly watch: Watch;
  /** Numbers the operations of all clients. */
  readonly nextOperation: () => number;
}

/** Codes of answers that say: nothing happened, ask somebody else. */
const ELSEWHERE = ['NOT_LEADER', 'LEADERSHIP_LOST', 'REPLICA_STOPPED'];
/** Codes with which an append has definitely had no effect, and never will. */
const WITHOUT_EFFECT = [...ELSEWHERE, 'PROPOSALS_OVERLOADED', APPEND_LOST];
/** Before another member is asked when nobody knows the leader. */
const RETRY_MS = 5;
/** How often somebody is asked at random, though another one is known to lead. */
const STRAY_RATE = 0.15;

/** Appends values and reads the list, one request after the other, and follows the leader. */
export class Client {
  readonly node: NodeId;
  readonly #parts: ClientParts;
  readonly #process: VirtualProcess;
  readonly #network: VirtualRpcNetwork;
  readonly #random: Random;
  readonly #connections = new Map<MemberId, RpcConnection>();
  #target: MemberId;
  #stopping = false;
  /** Appends and reads that were answered since `expectAnswers`. */
  #answered = { append: false, read: false };
  /** The read before failed: this one fails over when it is answered. */
  #failedOver = false;

  constructor(node: NodeId, parts: ClientParts) {
    this.node = node;
    this.#parts = parts;
    this.#random = parts.random.fork(`client ${node}`);
    this.#process = new VirtualProcess(`client ${node}`, parts.time, 0);
    parts.rpc.network.attach(node, this.#process);
    const members = parts.options.members;
    this.#network = new VirtualRpcNetwork(node, this.#process, parts.rpc, (address) =>
      members.find((id) => addressOf(id) === address),
    );
    this.#target = this.#random.pick(members);
  }

  /** Resolves when `stop` was called and the last request has ended. */
  async run(): Promise<void> {
    while (!this.#stopping) {
      await this.#sleep(this.#random.exponential(this.#parts.options.thinkMs));
      await this.#request();
    }
    for (const connection of this.#connections.values()) await connection.close();
  }

  /** From now on `served` waits for one answer of each kind. */
  expectAnswers(): void {
    this.#answered = { append: false, read: false };
  }

  get served(): boolean {
    return this.#answered.append && this.#answered.read;
  }

  stop(): void {
    this.#stopping = true;
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.#process.clock.after(delayMs, resolve));
  }

  async #request(): Promise<void> {
    const member = this.#random.chance(STRAY_RATE)
      ? this.#random.pick(this.#parts.options.members)
      : this.#target;
    const timeout = new AbortController();
    const cancel = this.#process.clock.after(this.#parts.options.requestTimeoutMs, () =>
      timeout.abort(new Error('no answer in time')),
    );
    try {
      const connection = await this.#connect(member, timeout.signal);
      await this.#operate(connection, member, timeout.signal);
    } catch {
      this.#target = this.#random.pick(this.#parts.options.members);
      await this.#sleep(RETRY_MS);
    } finally {
      cancel();
    }
  }

  async #connect(member: MemberId, signal: AbortSignal): Promise<RpcConnection> {
    const known = this.#connections.get(member);
    if (known?.open === true) return known;
    const connection = await this.#network.connect(addressOf(member), signal);
    this.#connections.set(member, connection);
    return connection;
  }

  async #operate(connection: RpcConnection, member: MemberId, signal: AbortSignal): Promise<void> {
    const { watch, trace, coverage } = this.#parts;
    const operation = this.#begin();
    watch.hooks.invoked(operation);
    trace.record(
      operation.kind,
      this.node,
      operation.number,
      member,
      () => `${operation.number} at member ${member}`,
    );
    try {
      if (operation.kind === 'append') {
        const answer = await connection.request(ListMethod.Append, operation.value, signal);
        operation.result = answer as AppendResult;
        coverage.count('write acknowledged');
      } else {
        const answer = await connection.request(ListMethod.Read, null, signal);
        operation.result = answer as ReadResult;
        coverage.count('read answered');
        if (this.#failedOver) coverage.count('read failed over');
        this.#failedOver = false;
      }
      operation.outcome = 'done';
      this.#answered[operation.kind] = true;
      this.#target = member;
    } catch (error) {
      this.#failed(operation, error, signal);
      await this.#sleep(RETRY_MS);
    } finally {
      const { outcome, result } = operation;
      trace.record(
        `${operation.kind} ${outcome}`,
        this.node,
        operation.number,
        result?.length ?? 0,
      );
      watch.hooks.completed(operation);
    }
  }

  #begin(): Operation {
    const number = this.#parts.nextOperation();
    const invoked = { number, client: this.node, invokedMs: this.#parts.time.nowMs };
    const pending = { outcome: 'pending', result: undefined } as const;
    return this.#random.chance(0.6)
      ? { ...invoked, ...pending, kind: 'append', value: `${this.node}-${number}` }
      : { ...invoked, ...pending, kind: 'read' };
  }

  #failed(operation: Operation, error: unknown, signal: AbortSignal): void {
    const { coverage } = this.#parts;
    const { code, leader } = failureOf(error);
    const withoutEffect = code === 'RPC_NOT_SENT' || WITHOUT_EFFECT.includes(code);
    operation.outcome = operation.kind === 'read' || withoutEffect ? 'failed' : 'unknown';
    if (operation.kind === 'read') {
      coverage.count('read failed');
      this.#failedOver = true;
    } else if (code === APPEND_LOST) coverage.count('write lost to another leader');
    else coverage.count(withoutEffect ? 'write refused' : 'write of unknown outcome');
    if (leader > 0) this.#target = leader;
    else if (signal.aborted || ELSEWHERE.includes(code) || code.startsWith('RPC_')) {
      this.#target = this.#random.pick(this.#parts.options.members);
    }
  }
}

/** The code of a failed request, and who leads as far as the answer says; 0 for nobody. */
function failureOf(error: unknown): { readonly code: string; readonly leader: MemberId } {
  if (!(error instanceof RaftError)) return { code: 'TIMEOUT', leader: 0 };
  if (error.code !== 'RPC_FAILED') return { code: error.code, leader: 0 };
  const { code, details } = error.details as {
    readonly code: string;
    readonly details?: { readonly leader?: MemberId };
  };
  return { code, leader: details?.leader ?? 0 };
}
