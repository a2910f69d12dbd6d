import {
  type Clock,
  type RpcHandler,
  type RpcResponder,
  systemClock,
  type WireValue,
} from '@raft-ts/net';
import { completeOptions } from '@raft-ts/net/options';
import type { Applier, Entry } from 'raft-ts';
import type { QueryOptions, RequestOptions } from '../client/client-options.js';
import { Compaction } from '../compaction/compaction.js';
import { compactionForm } from '../compaction/compaction-policy.js';
import { LogClock } from '../entries/log-clock.js';
import { optionsInvalid, StateMachineError } from '../errors.js';
import type { DurableStateMachine } from '../machine/durable-state-machine.js';
import { type SessionLimits, sessionLimitsForm } from '../sessions/session-limits.js';
import { SessionTable } from '../sessions/session-table.js';
import type { SnapshotsStatus } from '../snapshots/snapshots-status.js';
import { StateComparison } from '../state-hash/state-comparison.js';
import { StateHash } from '../state-hash/state-hash.js';
import { isStateHashKey } from '../state-hash/state-hash-rows.js';
import { nextLeaderWork } from '../tasks/leader-work.js';
import { OwnWork } from '../tasks/own-work.js';
import { ApplyGate } from './applying/apply-gate.js';
import { type Answers, Applying } from './applying/applying.js';
import { InProcessClient } from './in-process/in-process-client.js';
import { MembershipRequests } from './membership/membership-requests.js';
import { OutsideCommands } from './outside/outside-commands.js';
import { Proposer } from './proposing/proposer.js';
import { Queries } from './reading/queries.js';
import { requestHandler } from './request-handler.js';
import { type MemberView, ServedMember, type ServedReplica } from './served-member.js';
import {
  completeServiceOptions,
  type ServiceLimits,
  type ServiceOptions,
} from './service-options.js';
import { LeaderWaiters } from './status/leader-waiters.js';
import type { MemberStatus } from './status/member-status.js';

/** How often deadlines are looked at, milliseconds. */
const SWEEP_MS = 50;

/**
 * Runs a durable state machine on one member: applies what the replica commits, and answers
 * clients. `open` it, start a `Replica` with it as `applier`, `serve` that replica, and give
 * `handler` to an `RpcNetwork`. What escapes from the machine's `apply` or `commit` stops the
 * member; nothing that comes from a client does.
 */
export class StateMachineService<Command, Query> implements Applier, AsyncDisposable {
  /** Answers clients; see `RpcMethod`. */
  readonly handler: RpcHandler;

  readonly #options: ServiceOptions<Command, Query>;
  readonly #sessionLimits: SessionLimits;
  readonly #machine: DurableStateMachine<Command, Query>;
  readonly #sessions: SessionTable;
  readonly #stateHash: StateHash;
  readonly #clock: Clock;
  readonly #logClock: LogClock;
  readonly #member: ServedMember;
  readonly #applying: Applying<Command>;
  readonly #gate = new ApplyGate();
  readonly #proposer: Proposer;
  readonly #outside: OutsideCommands<Command> | undefined;
  readonly #queries: Queries<Query>;
  readonly #waiters: LeaderWaiters;
  readonly #work: OwnWork;
  readonly #inProcess: InProcessClient;
  readonly #comparison: StateComparison | undefined;
  #compaction: Compaction | undefined;
  /** The term that this member leads in. */
  #leadsIn: number | undefined;
  #snapshots: { status(): SnapshotsStatus } | undefined;
  #closing: Promise<void> | undefined;
  #cancelSweep: (() => void) | undefined;

  private constructor(
    options: ServiceOptions<Command, Query> & ServiceLimits,
    sessions: SessionTable,
    stateHash: StateHash,
  ) {
    const { machine, clientAddresses, clock = systemClock, network } = options;
    const limits: ServiceLimits = options;
    this.#options = options;
    this.#sessionLimits = completeOptions(
      sessionLimitsForm,
      options.sessions ?? {},
      optionsInvalid,
    );
    this.#machine = machine;
    this.#sessions = sessions;
    this.#stateHash = stateHash;
    this.#clock = clock;
    this.#logClock = new LogClock(clock, sessions.logTimeMs);
    const member = new ServedMember(clientAddresses, {
      changed: (view) => this.#changed(view),
      stopped: () => this.#stopped(),
    });
    this.#member = member;
    this.#applying = new Applying({
      machine,
      sessions,
      stateHash,
      maxEntriesAhead: limits.maxEntriesAhead,
      applied: (entry, answers) => this.#applied(entry, answers),
    });
    const entryTimes = () => ({ logTimeMs: this.#logClock.next(), wallMs: clock.wallMs() });
    this.#proposer = new Proposer({ limits, clock, member, entryTimes });
    const { outside } = options;
    const proposer = this.#proposer;
    this.#outside = outside && new OutsideCommands({ outside, member, proposer, sessions });
    const maxPending = limits.maxPendingQueries;
    this.#queries = new Queries({ machine, member, clock, maxPending, outside });
    this.#waiters = new LeaderWaiters(member, limits.maxLeaderWaiters);
    this.#work = new OwnWork(clock, limits, (responder) => this.#submitWork(responder));
    this.#comparison =
      network === undefined
        ? undefined
        : new StateComparison({
            stateHash,
            member,
            network,
            clock,
            logTimeMs: () => sessions.logTimeMs,
            entryTimes,
            onDifference: (text) => options.onDifference?.(text),
          });
    const handle = requestHandler({
      machine,
      limits,
      clock,
      member,
      proposer,
      outside: this.#outside,
      queries: this.#queries,
      waiters: this.#waiters,
      sessions,
      membership: new MembershipRequests(member, clock),
      stateHash,
      status: () => this.status(),
    });
    this.handler = (...request) => {
      this.#work.requested();
      handle(...request);
      this.#scheduleSweep();
    };
    const { clock: given, random } = options;
    const own = { handler: this.handler, member, network, clock: given, random };
    this.#inProcess = new InProcessClient(own);
  }

  /**
   * Reads the sessions kept beside the machine's state. Rejects with OPTIONS_INVALID, SESSIONS_CORRUPT, and
   * with STATE_DIVERGED where this state was found to be another one than that of most members.
   */
  static async open<Command, Query>(
    given: ServiceOptions<Command, Query>,
  ): Promise<StateMachineService<Command, Query>> {
    const options = completeServiceOptions(given);
    const sessions = new SessionTable();
    const stateHash = new StateHash();
    await loadFrameworkRows(options.machine, sessions, stateHash);
    return new StateMachineService(options, sessions, stateHash);
  }

  /**
   * From now on requests are answered by this replica, whose `applier` this service is. Throws a
   * TypeError when it serves one already. `snapshots`: what `status` tells of them.
   */
  serve(replica: ServedReplica, snapshots?: { status(): SnapshotsStatus }): void {
    this.#member.serve(replica);
    this.#snapshots = snapshots;
    const { compaction } = this.#options;
    if (compaction === undefined && !replica.fetchesStates) return;
    this.#compaction = new Compaction({
      policy: completeOptions(compactionForm, compaction ?? {}, optionsInvalid),
      machine: this.#machine,
      clock: this.#clock,
      replica: () => this.#member.running,
    });
  }

  get appliedIndex(): number {
    return this.#machine.appliedIndex;
  }

  /** Undefined where the state was written by a version that does not keep it. */
  get appliedTerm(): number | undefined {
    return this.#stateHash.lastTerm;
  }

  appended(entries: readonly Entry[]): void {
    this.#applying.appended(entries);
  }

  apply(entries: readonly Entry[]): Promise<void> | undefined {
    return this.#gate.apply(() => {
      const applying = this.#applying.apply(entries);
      if (applying !== undefined) return applying.then(() => this.#afterApply());
      this.#afterApply();
      return undefined;
    });
  }

  /** Runs `work` while nothing is applied, and settles as it does; what is committed waits meanwhile. */
  whileNothingIsApplied<T>(work: () => Promise<T>): Promise<T> {
    return this.#gate.hold(work);
  }

  /** Another state lies where the machine keeps its own: what the framework keeps beside it is read anew. */
  async installed(index: number): Promise<void> {
    const found = await loadFrameworkRows(this.#machine, this.#sessions, this.#stateHash);
    const { appliedIndex } = this.#machine;
    if (!found || appliedIndex !== index) {
      throw new StateMachineError(
        'SNAPSHOT_INCOMPLETE',
        `a state as of ${index} was installed, and the machine holds one as of ${appliedIndex} ` +
          `${found ? 'with' : 'without'} sessions: a snapshot has to bring the framework's rows and ` +
          'the applied index along, and its installation the machine to see them',
      );
    }
    this.#logClock.saw(this.#sessions.logTimeMs);
  }

  /**
   * Carries out a command, once, and resolves with the machine's result: for the process that this member
   * runs in, with what `ReplicatedClient.command` promises and rejects with. Where another member leads it goes there by
   * `ServiceOptions.network`; without one it rejects with NOT_LEADER. STOPPED when this member stops meanwhile, or has.
   */
  command(value: WireValue, options?: RequestOptions): Promise<WireValue> {
    return this.#inProcess.command(value, options);
  }

  /**
   * Resolves with the answer of this member's machine, as fresh as `consistency` says: 'linearizable' by default,
   * for which a member that follows asks the leader how much it must have applied. Rejects as `command`.
   */
  query(value: WireValue, options?: Omit<QueryOptions, 'readFrom'>): Promise<WireValue> {
    return this.#inProcess.query(value, options);
  }

  status(): MemberStatus {
    return {
      replica: this.#member.replica?.status(),
      stopped: this.#member.stopped,
      stoppedBy: this.#member.stoppedBy?.message,
      pid: process.pid,
      clientAddresses: [...this.#member.addresses],
      sessions: this.#sessions.size,
      savedResultBytes: this.#sessions.savedBytes,
      logTimeMs: this.#sessions.logTimeMs,
      wallMs: this.#clock.wallMs(),
      appliedIndex: this.#machine.appliedIndex,
      pendingRequests: this.#proposer.pendingItems,
      pendingQueries: this.#queries.size,
      snapshots: this.#snapshots?.status(),
      difference: this.#comparison?.difference,
      extra: this.#options.extraStatus?.(),
    };
  }

  /**
   * Answers everything that waits, and closes the machine. Stop the replica first: it must not
   * apply any more.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#member.stop(undefined);
    await this.#machine.close();
  }

  /**
   * One step of what this member wants done through the log itself; nobody's time limits it. A
   * machine that can't say what it wants stops the member: it is asked from a timer, too.
   */
  #submitWork(responder: RpcResponder): boolean {
    if (!this.#member.leads) return false;
    let item: Uint8Array | undefined;
    try {
      item = nextLeaderWork(this.#sessions, this.#sessionLimits, this.#machine);
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause), { cause });
      void this.#member.running?.stop(error);
      return false;
    }
    if (item === undefined) return false;
    this.#proposer.submit(item, Number.POSITIVE_INFINITY, responder);
    return true;
  }

  #afterApply(): void {
    this.#work.ask();
    this.#compaction?.applied();
    this.#comparison?.ask();
  }

  #applied(entry: Entry, answers: Answers): void {
    this.#logClock.saw(this.#sessions.logTimeMs);
    this.#proposer.applied(entry, answers);
  }

  #changed(view: MemberView): void {
    const leads = view.role === 'leader';
    this.#logClock.passes = view.leader !== 0;
    this.#waiters.changed(view);
    const term = leads ? view.term : Number.POSITIVE_INFINITY;
    this.#proposer.abandonBefore(term);
    this.#outside?.leads(term);
    this.#tellLead(leads ? view.term : undefined);
    if (leads) this.#work.ask();
    else {
      this.#proposer.refuseWaiting(this.#member.notLeader());
      this.#comparison?.leadLost();
    }
  }

  #tellLead(term: number | undefined): void {
    if (term === this.#leadsIn) return;
    this.#leadsIn = term;
    this.#options.outside?.leads(term);
  }

  #stopped(): void {
    this.#tellLead(undefined);
    this.#cancelSweep?.();
    this.#work.close();
    this.#compaction?.close();
    this.#comparison?.close();
    this.#waiters.answerAll();
    this.#proposer.close();
    this.#outside?.close();
    this.#queries.close();
    void this.#inProcess.close();
  }

  /** One timer for all requests, and none while nothing waits. */
  #scheduleSweep(): void {
    if (this.#cancelSweep !== undefined || this.#member.stopped) return;
    const waiting = this.#proposer.pendingItems + this.#queries.size + this.#waiters.size;
    if (waiting === 0) return;
    this.#cancelSweep = this.#clock.after(SWEEP_MS, () => {
      this.#cancelSweep = undefined;
      const nowMs = this.#clock.monotonicMs();
      this.#proposer.expire(nowMs);
      this.#outside?.expire(nowMs);
      this.#queries.expire(nowMs);
      this.#waiters.expire(nowMs, this.#member.view);
      this.#scheduleSweep();
    });
  }
}

/** What the framework keeps beside a machine's state; resolves with whether sessions were among it. */
async function loadFrameworkRows(
  machine: Pick<DurableStateMachine<unknown, unknown>, 'frameworkRows' | 'appliedIndex'>,
  sessions: SessionTable,
  stateHash: StateHash,
): Promise<boolean> {
  const hashRows: { readonly key: Uint8Array; readonly value: Uint8Array }[] = [];
  async function* sessionRows() {
    for await (const row of machine.frameworkRows()) {
      if (isStateHashKey(row.key)) hashRows.push(row);
      else yield row;
    }
  }
  const found = await sessions.reload(sessionRows());
  stateHash.load(hashRows, machine.appliedIndex);
  if (stateHash.error !== undefined) throw stateHash.error;
  return found;
}
