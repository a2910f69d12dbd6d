import { setMaxListeners } from 'node:events';
import type { MemberPlace } from '../cluster/member.js';
import { JepsenError } from '../errors.js';
import type { Random } from '../random.js';
import type { ClientPlace } from '../suites/suite.js';
import type { Client, Generator } from '../workloads/workload.js';
import { Caller } from './caller.js';
import { Pace } from './pace.js';
import { pause } from './pause.js';
import type { RecordedHistory } from './recorded-history.js';
import type { TestPlan } from './test-plan.js';

/** For a client for whom its workload has nothing to do now. */
const IDLE_MS = 5;

/** The clients of a test. */
export class ClientLoad implements AsyncDisposable {
  readonly callers: readonly Caller[];
  readonly #plan: TestPlan;
  readonly #history: RecordedHistory;
  readonly #random: Random;
  readonly #generator: Generator;

  /** @throws JepsenError OPTIONS_INVALID where the suite has no such clients */
  constructor(
    plan: TestPlan,
    members: readonly MemberPlace[],
    history: RecordedHistory,
    generator: Generator,
    random: Random,
  ) {
    this.#plan = plan;
    this.#history = history;
    this.#random = random;
    this.#generator = generator;
    const open = clientsOf(plan);
    this.callers = Array.from(
      { length: plan.clients },
      (_, number) =>
        new Caller({
          number,
          clients: plan.clients,
          timeoutMs: plan.callTimeoutMs,
          recorder: history.writer,
          // Half of them keep their leader, half find it anew for each call: only these ask one that was deposed.
          open: (process) => open({ members, process, keepsLeader: number % 2 === 0 }),
        }),
    );
  }

  /** Resolves once all calls have ended after the signal. Rejects where the history can't be written. */
  async run(signal: AbortSignal): Promise<void> {
    // Each client waits for it.
    setMaxListeners(0, signal);
    const meanMs = (this.#plan.clients / this.#plan.callsPerSecond) * 1000;
    await Promise.all(
      this.callers.map((caller, number) =>
        this.#callUntil(signal, caller, number, new Pace(this.#random.fork(), meanMs)),
      ),
    );
  }

  /** Why there is a client that can't be had. */
  get openFailure(): string | undefined {
    return this.callers.find(({ openFailure }) => openFailure !== undefined)?.openFailure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.callers.map((caller) => caller[Symbol.asyncDispose]()));
  }

  async #callUntil(signal: AbortSignal, caller: Caller, number: number, pace: Pace): Promise<void> {
    for (;;) {
      await pace.turn(signal);
      await this.#history.writer.ready();
      if (signal.aborted) return;
      const input = this.#generator.next(number);
      if (input === undefined) {
        await pause(IDLE_MS, signal);
        continue;
      }
      const answer = await caller.call(input, signal);
      if (answer !== undefined) this.#generator.answered?.(number, input, answer.output);
    }
  }
}

function clientsOf({ suite, workload }: TestPlan): (place: ClientPlace) => Promise<Client> {
  const open = suite.clients[workload.name];
  if (open !== undefined) return open;
  const others = Object.keys(suite.clients).join(', ');
  throw new JepsenError(
    'OPTIONS_INVALID',
    `${suite.name} has no clients for the workload ${workload.name}; it has some for ${others}`,
  );
}
