import type { RpcPeer, WireValue } from '@raft-ts/net';
import { KeyValueMachine } from '../machine/key-value-machine.js';
import { RpcMethod } from '../rpc-methods.js';
import { Answer, FakeReplica, ManualClock } from './fake-member.test.support.js';
import { StateMachineService } from './service.js';
import type { ServiceOptions } from './service-options.js';

/** A key-value machine whose fetching, queries and own work a test controls. */
class TestMachine extends KeyValueMachine {
  fetching: Promise<void> | undefined;
  fetched = 0;
  commits = 0;
  work: WireValue | undefined;
  answering: Promise<WireValue> | undefined;
  failApply = false;
  onApply: (command: WireValue) => void = () => {};
  onQuery: () => void = () => {};

  override prefetch() {
    this.fetched++;
    return this.fetching as undefined;
  }

  override commit(...change: Parameters<KeyValueMachine['commit']>): void {
    this.commits++;
    super.commit(...change);
  }

  override apply(...command: Parameters<KeyValueMachine['apply']>): WireValue {
    if (this.failApply) throw new Error('broken');
    this.onApply(command[0]);
    return super.apply(...command);
  }

  override pendingWork() {
    return this.work as undefined;
  }

  override query(...query: Parameters<KeyValueMachine['query']>): Promise<WireValue> {
    this.onQuery();
    return this.answering ?? super.query(...query);
  }
}

type Service = StateMachineService<unknown, unknown>;

/** A service over a replica whose fate a test decides. It is member 1, and follows at first. */
export class TestMember {
  readonly clock: ManualClock;
  readonly replica = new FakeReplica();
  readonly machine: TestMachine;
  readonly service: Service;
  readonly #peer: RpcPeer = { host: 'here' };

  private constructor(machine: TestMachine, service: Service, clock: ManualClock) {
    this.machine = machine;
    this.service = service;
    this.clock = clock;
  }

  static async start(
    options: Partial<ServiceOptions<never, never>> = {},
    rows = new Map<string, Uint8Array>(),
  ): Promise<TestMember> {
    const machine = new TestMachine(rows);
    const clock = new ManualClock();
    const service = (await StateMachineService.open({
      ...options,
      machine,
      clientAddresses: new Map([
        [1, 'one:1'],
        [2, 'two:2'],
      ]),
      clock,
    })) as unknown as Service;
    const member = new TestMember(machine, service, clock);
    service.serve(member.replica);
    return member;
  }

  /** As `start`, and it leads in term 1. */
  static async lead(...options: Parameters<typeof TestMember.start>): Promise<TestMember> {
    const member = await TestMember.start(...options);
    member.replica.become('leader', 1, 1);
    return member;
  }

  ask(method: number, body: WireValue, peer: RpcPeer = this.#peer): Answer {
    const answer = new Answer();
    this.service.handler(method, body, answer, peer);
    return answer;
  }

  command(session: number, sequence: number, value: WireValue, timeoutMs = 10_000): Answer {
    return this.ask(RpcMethod.Command, [session, sequence, 1, value, timeoutMs]);
  }

  /** What was proposed and not yet committed is committed and applied. */
  commit(): Promise<void> | undefined {
    const { replica } = this;
    const entries = replica.log.slice(replica.commit);
    if (entries.length === 0) return undefined;
    this.service.appended(entries);
    replica.commit = replica.log.length;
    return this.service.apply(entries);
  }

  /** Lets what arrived be proposed. */
  flush(): void {
    this.clock.advance(0);
  }

  openSession(): number {
    const answer = this.ask(RpcMethod.OpenSession, [1000]);
    this.flush();
    void this.commit();
    const [session] = answer.result as number[];
    return session ?? 0;
  }
}
