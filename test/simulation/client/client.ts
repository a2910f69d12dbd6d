import type { Coverage } from '../coverage.js';
import { MachineClock } from '../machine-clock.js';
import type { SimulationOptions } from '../options.js';
import { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import type { VirtualTime } from '../time.js';
import type { Trace } from '../trace.js';
import type { Watch } from '../watch.js';
import type { NodeId } from '../wire/link.js';
import type { RpcExchange } from '../wire/rpc.js';
import type { AppendResult, Operation, OperationOutcome, ReadResult } from './history.js';

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

/** No rest is longer, so that every client asks again soon after all faults have ended. */
const MAX_REST_MS = 5000;

/** Appends values and reads the list, one request after the other. */
export abstract class Client {
  readonly node: NodeId;
  protected readonly parts: ClientParts;
  protected readonly process: VirtualProcess;
  protected readonly random: Random;
  #stopping = false;
  /** Appends and reads that were answered since `expectAnswers`. */
  #answered = { append: true, read: true };
  /** The read before failed: this one fails over when it is answered. */
  #failedOver = false;

  constructor(node: NodeId, parts: ClientParts) {
    this.node = node;
    this.parts = parts;
    this.random = parts.random.fork(`client ${node}`);
    this.process = new VirtualProcess(`client ${node}`, parts.time, new MachineClock(parts.time));
    parts.rpc.network.attach(node, this.process);
  }

  /** Sends one request and waits until it has ended, in whatever way. */
  protected abstract request(): Promise<void>;

  protected abstract close(): Promise<void>;

  /** Resolves when `stop` was called and the last request has ended. */
  async run(): Promise<void> {
    await Promise.all(
      Array.from({ length: this.parts.options.clientRequests }, () => this.#loop()),
    );
    await this.close();
  }

  async #loop(): Promise<void> {
    const { burstRequests, thinkMs, restMs } = this.parts.options;
    while (!this.#stopping) {
      let left = 1 + Math.floor(this.random.exponential(burstRequests));
      while (left-- > 0 && !this.#stopping) {
        await this.sleep(this.random.exponential(thinkMs));
        await this.request();
      }
      await this.sleep(Math.min(this.random.exponential(restMs), MAX_REST_MS));
    }
  }

  stop(): void {
    this.#stopping = true;
  }

  /** From now on `served` waits for one answer of each kind. */
  expectAnswers(): void {
    this.#answered = { append: false, read: false };
  }

  get served(): boolean {
    return this.#answered.append && this.#answered.read;
  }

  protected sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.process.clock.after(delayMs, resolve));
  }

  protected begin(): Operation {
    const number = this.parts.nextOperation();
    const invoked = { number, client: this.node, invokedMs: this.parts.time.nowMs };
    const pending = { outcome: 'pending', result: undefined } as const;
    const operation: Operation = this.#appends()
      ? { ...invoked, ...pending, kind: 'append', value: `${this.node}-${number}` }
      : { ...invoked, ...pending, kind: 'read' };
    this.parts.trace.record(operation.kind, this.node, number, 0, () => `${number}`);
    this.parts.watch.hooks.invoked(operation);
    return operation;
  }

  /** What waits for its first answer goes first. */
  #appends(): boolean {
    const { append, read } = this.#answered;
    return append === read ? this.random.chance(0.6) : !append;
  }

  protected answered(operation: Operation, result: unknown): void {
    const { coverage } = this.parts;
    if (operation.kind === 'append') {
      operation.result = result as AppendResult;
      coverage.count('write acknowledged');
    } else {
      operation.result = result as ReadResult;
      coverage.count('read answered');
      if (this.#failedOver) coverage.count('read failed over');
      this.#failedOver = false;
    }
    this.#answered[operation.kind] = true;
    this.#end(operation, 'done');
  }

  /** `withoutEffect`: it is certain that an append takes no effect. */
  protected failed(operation: Operation, withoutEffect: boolean): void {
    const { coverage } = this.parts;
    if (operation.kind === 'read') {
      coverage.count('read failed');
      this.#failedOver = true;
    } else coverage.count(withoutEffect ? 'write refused' : 'write of unknown outcome');
    const certain = operation.kind === 'read' || withoutEffect;
    this.#end(operation, certain ? 'failed' : 'unknown');
  }

  #end(operation: Operation, outcome: OperationOutcome): void {
    operation.outcome = outcome;
    const { number, kind, result } = operation;
    this.parts.trace.record(`${kind} ${outcome}`, this.node, number, result?.length ?? 0, () =>
      result === undefined ? `${number}` : `${number}, length ${result.length}`,
    );
    this.parts.watch.hooks.completed(operation);
  }
}
