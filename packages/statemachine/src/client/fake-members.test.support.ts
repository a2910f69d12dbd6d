import type { RpcNetwork, RpcResponder, RpcServer, WireValue } from '@raft-ts/net';
import { failure, type StateMachineErrorCode } from '../errors.js';
import { QueryConsistency, RpcMethod } from '../rpc-methods.js';

/** A command as it came to a member. */
export interface ReceivedCommand {
  readonly member: string;
  readonly session: number;
  readonly sequence: number;
  readonly acknowledgedBelow: number;
  readonly value: WireValue;
  readonly responder: RpcResponder;
}

/** Members that say who leads, and leave every command to the test. */
export class FakeMembers implements AsyncDisposable {
  readonly commands: ReceivedCommand[] = [];
  readonly queries: WireValue[] = [];
  readonly closedSessions: unknown[] = [];
  sessionsOpened = 0;
  /** Of sessions opened from now on. */
  window = 1000;
  /** How commands are answered; with their value by default. */
  answer: (command: ReceivedCommand) => void = ({ value, responder }) => responder.done(value);
  answerOpen: ((responder: RpcResponder) => void) | undefined;
  answerFindLeader: ((responder: RpcResponder, address: string) => void) | undefined;
  answerQuery: ((address: string, responder: RpcResponder) => void) | undefined;
  answerStatus: (address: string) => WireValue = () => null;
  /** Members that take in requests and never answer. */
  readonly hanging = new Set<string>();
  leader = '';
  /** As the leader has it. */
  takingPart: readonly string[] = [];
  term = 1;
  readonly #network: RpcNetwork;
  readonly #servers = new Map<string, RpcServer>();
  #waiting: {
    readonly address: string;
    readonly aboveTerm: number;
    readonly responder: RpcResponder;
  }[] = [];

  constructor(network: RpcNetwork) {
    this.#network = network;
  }

  async start(...addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      const server = await this.#network.listen(address, (method, body, responder) => {
        if (!this.hanging.has(address)) this.#handle(address, method, body, responder);
      });
      this.#servers.set(address, server);
    }
  }

  async stop(address: string): Promise<void> {
    await this.#servers.get(address)?.close();
    this.#servers.delete(address);
  }

  get connections(): number {
    return [...this.#servers.values()].reduce((sum, server) => sum + server.connections, 0);
  }

  /** From now on this one leads, in the next term. */
  lead(address: string): void {
    this.leader = address;
    this.term++;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { address: asked, aboveTerm, responder } of waiting) {
      this.#findLeader(asked, aboveTerm, responder);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((address) => this.stop(address)));
  }

  #handle(address: string, method: number, body: WireValue, responder: RpcResponder): void {
    const fields: readonly WireValue[] = Array.isArray(body) ? body : [];
    switch (method) {
      case RpcMethod.FindLeader:
        if (this.answerFindLeader !== undefined) this.answerFindLeader(responder, address);
        else this.#findLeader(address, Number(fields[0]), responder);
        break;
      case RpcMethod.Status:
        responder.done(this.answerStatus(address));
        break;
      case RpcMethod.OpenSession:
        this.#openSession(address, responder);
        break;
      case RpcMethod.CloseSession:
        this.closedSessions.push(fields[0]);
        responder.done(null);
        break;
      case RpcMethod.Query:
        this.queries.push(fields[1]);
        if (this.answerQuery !== undefined) {
          this.answerQuery(address, responder);
        } else if (fields[0] !== QueryConsistency.OfLeader || address === this.leader) {
          responder.done([address, fields[1]]);
        } else responder.failed(failure('NOT_LEADER', 'follows'));
        break;
      case RpcMethod.Command:
        this.#command(address, fields, responder);
        break;
    }
  }

  #openSession(address: string, responder: RpcResponder): void {
    if (address !== this.leader) responder.failed(failure('NOT_LEADER', 'follows'));
    else if (this.answerOpen !== undefined) this.answerOpen(responder);
    else responder.done([++this.sessionsOpened, this.window]);
  }

  #command(member: string, fields: readonly WireValue[], responder: RpcResponder): void {
    const [session, sequence, acknowledgedBelow, value] = fields;
    const command = {
      member,
      session: Number(session),
      sequence: Number(sequence),
      acknowledgedBelow: Number(acknowledgedBelow),
      value,
      responder,
    };
    this.commands.push(command);
    this.answer(command);
  }

  #findLeader(address: string, aboveTerm: number, responder: RpcResponder): void {
    const leads = address === this.leader;
    if (leads || (this.leader !== '' && this.term > aboveTerm)) {
      const answer = [leads, this.term, 1, this.leader];
      responder.done(leads ? [...answer, this.takingPart] : answer);
    } else {
      this.#waiting.push({ address, aboveTerm, responder });
    }
  }
}

export function refuse(
  responder: RpcResponder,
  code: StateMachineErrorCode,
  outcome: 'definite' | 'unknown' = 'definite',
): void {
  responder.failed(failure(code, `refused with ${code}`, outcome));
}
