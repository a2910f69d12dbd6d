import { StateMachineError } from '@raft-ts/statemachine';
import {
  type Endpoints,
  type MemberId,
  type Message,
  RaftError,
  type ReplicaStatus,
} from 'raft-ts';
import { allMembers, isJoint } from 'raft-ts/core';
import { addressOf } from './addresses.js';
import type { DiskCopy } from './disk/virtual-disk.js';
import { Losses } from './losses.js';
import { MachineClock } from './machine-clock.js';
import { Member, type StateCopy } from './member/member.js';
import type { MemberParts } from './member/member-parts.js';
import type { Moment } from './member/moment.js';
import { raftOptionsOf } from './options.js';
import type { Random } from './random.js';
import { HttpExchange } from './wire/http.js';
import { MessageExchange } from './wire/transport.js';

export type ClusterParts = Omit<
  MemberParts,
  'messages' | 'http' | 'founding' | 'onRole' | 'onMoment' | 'onStopped'
>;

/** What a machine's disks held at some moment. */
export interface MemberCopy {
  readonly log: DiskCopy;
  readonly state: StateCopy;
}

/** Before a member that its disk stopped is started again. */
const REPAIR_MIN_MS = 50;
const REPAIR_MAX_MS = 5000;

/** All machines, those that take part and those that may some day, and what can be done to them. */
export class Cluster {
  readonly #parts: ClusterParts;
  readonly #messages: MessageExchange;
  readonly http: HttpExchange;
  readonly #members = new Map<MemberId, Member>();
  /** How far a crash sets state machines back, and how long repairs take. */
  readonly #crashes: Random;
  readonly #momentWatchers = new Set<(moment: Moment, member: MemberId) => void>();
  /** Machines that are to run, whatever happens to them in between. */
  readonly #inUse: Set<MemberId>;
  /** Who has lost what it held. */
  readonly losses: Losses;
  /** Whether an older copy of a disk was put back. */
  setBack = false;
  /** Who has stopped because what it holds as committed is not what its leader holds. */
  readonly contradicted = new Set<MemberId>();
  /** Whether a state machine of this run was made to go wrong. */
  get wentWrong(): boolean {
    return this.ids.some((id) => this.member(id).store.wentWrong);
  }

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    const { options, time, random, network, coverage, trace } = parts;
    this.#crashes = random.fork('crashes');
    this.#messages = new MessageExchange({
      network,
      time,
      random: random.fork('reconnect'),
      cutting: {
        maxPieces: options.maxMessagePieces,
        random: random.fork('message pieces'),
        onCut: () => coverage.count('message cut on its way'),
      },
      onFault: (error) => parts.watch().violate('messages', String(error)),
      trustedSilenceMs: options.trustedSilenceMs,
      onBelieved: (...what) => parts.watch().hooks.believed(...what),
      onHeldUp: () => coverage.count('connection not believed after a silence'),
      onEnded: (member, ended) => {
        trace.record('process ended', member, ended, 0);
        coverage.count(this.runs(ended) ? 'process that lives taken for ended' : 'process ended');
        parts.watch().hooks.processEnded(member, ended);
      },
      onSend: (message) => parts.watch().hooks.sent(message),
      onReceive: (message) =>
        trace.record('received', message.to, message.from, message.term, () =>
          describeMessage(message),
        ),
    });
    const { snapshots } = options;
    this.http = new HttpExchange({
      network,
      coverage,
      cutting: {
        maxPieces: options.maxRequestPieces,
        random: random.fork('http pieces'),
        onCut: () => coverage.count('request or answer cut on its way'),
      },
      random: random.fork('http'),
      sliceBytes: snapshots.sliceBytes,
      patienceMs: snapshots.patienceMs,
      onFault: (error) => parts.watch().violate('requests', String(error)),
    });
    const shared: MemberParts = {
      ...parts,
      messages: this.#messages,
      http: this.http,
      founding: () => founding,
      onRole: (...change) => this.#roleChanged(...change),
      onMoment: (moment, id) => this.#tellMoment(moment, id),
      onStopped: (id, error) => this.#stoppedItself(id, error),
    };
    for (const id of options.machines) {
      const clock = new MachineClock(time, random.between(-1, 1) * options.maxWallOffsetMs);
      this.#members.set(id, new Member(id, clock, shared));
    }
    // The same at each start, wherever they have moved since.
    const founding = {
      initialVoters: [...options.members],
      ...(options.namesEndpoints ? { initialEndpoints: this.#endpointsOf(options.members) } : {}),
    };
    this.#inUse = new Set(options.members);
    this.losses = new Losses(this, options.members);
  }

  /** All machines. */
  get ids(): readonly MemberId[] {
    return this.#parts.options.machines;
  }

  member(id: MemberId): Member {
    const member = this.#members.get(id);
    if (member === undefined) throw new RangeError(`there is no member ${id}`);
    return member;
  }

  /** Where a member is reached now. */
  endpointsOf(id: MemberId): Endpoints {
    return { member: `member-${id}:0`, client: addressOf(id), http: this.member(id).httpAddress };
  }

  #endpointsOf(ids: readonly MemberId[]): Readonly<Record<MemberId, Endpoints>> {
    return Object.fromEntries(ids.map((id) => [id, this.endpointsOf(id)]));
  }

  status(id: MemberId): ReplicaStatus | undefined {
    return this.member(id).status;
  }

  runs(id: MemberId): boolean {
    return this.member(id).runs;
  }

  /** The leader of the highest term, if any. */
  leader(): MemberId | undefined {
    let leader: ReplicaStatus | undefined;
    for (const id of this.ids) {
      const status = this.status(id);
      if (status?.role !== 'leader') continue;
      if (leader === undefined || status.term > leader.term) leader = status;
    }
    return leader?.id;
  }

  /** Who takes part, as the leader knows it, or else who knows most. */
  participants(): readonly MemberId[] {
    const leader = this.leader();
    const statuses = this.ids.flatMap((id) => this.status(id) ?? []);
    const status =
      statuses.find(({ id }) => id === leader) ??
      statuses.sort((a, b) => b.membership.index - a.membership.index)[0];
    return status === undefined
      ? this.#parts.options.members
      : allMembers(status.membership.configuration);
  }

  /** Calls `watcher` at certain moments of any member; returns what ends that. */
  onMoment(watcher: (moment: Moment, member: MemberId) => void): () => void {
    this.#momentWatchers.add(watcher);
    return () => this.#momentWatchers.delete(watcher);
  }

  #tellMoment(moment: Moment, id: MemberId): void {
    for (const watcher of this.#momentWatchers) watcher(moment, id);
  }

  /** Starts all that found the cluster. */
  found(): void {
    for (const id of this.#parts.options.members) {
      this.member(id).start({ founding: true, onDamage: 'fail' });
    }
  }

  /** Starts a machine that is in use, unless it runs. One whose log is damaged stops again. */
  start(id: MemberId, onDamage: 'fail' | 'rebuild' = 'fail'): void {
    if (!this.#inUse.has(id) || this.contradicted.has(id)) return;
    this.member(id).start({ founding: this.losses.knowsFounders(id), onDamage });
  }

  /** From now on `id` is to run. */
  use(id: MemberId): void {
    this.#inUse.add(id);
    this.start(id);
  }

  hasBeenInUse(id: MemberId): boolean {
    return this.member(id).lives > 0;
  }

  /** Starts a machine with an empty disk, to be added to the cluster. */
  startEmpty(id: MemberId): void {
    const member = this.member(id);
    if (member.runs) this.#crashOne(member);
    this.#inUse.add(id);
    this.contradicted.delete(id);
    this.losses.forgetsFounders(id);
    this.wipe(id, { log: true, state: true });
    member.start({ founding: false, onDamage: 'fail' });
  }

  /**
   * Takes a machine out of use that is no member any more, once all who are have that in force: who
   * has not may still need it, because a configuration is in force when it is applied, not before.
   */
  retire(id: MemberId): void {
    const unneeded = this.participants().every((member) => {
      const configuration = this.status(member)?.membership.configuration;
      return configuration !== undefined && !allMembers(configuration).includes(id);
    });
    if (!unneeded || !this.#inUse.delete(id)) return;
    this.#parts.coverage.count('machine taken out of use');
    if (this.runs(id)) this.#crashOne(this.member(id));
  }

  /** What a machine that is down holds goes. */
  wipe(id: MemberId, { log, state }: { readonly log: boolean; readonly state: boolean }): void {
    const member = this.member(id);
    if (log) member.disk.wipe();
    if (state) member.wipeState();
    this.#parts.trace.record('wiped', id, Number(log), Number(state));
    const { hooks } = this.#parts.watch();
    if (log) hooks.wiped(id);
    if (state) hooks.stateWiped(id);
  }

  /** All that a machine that is down holds, for `putBack`. */
  copyDisk(id: MemberId): MemberCopy {
    const member = this.member(id);
    return { log: member.disk.copy(), state: member.copyState() };
  }

  /** An older copy takes the place of all that a machine that is down holds. */
  putBack(id: MemberId, { log, state }: MemberCopy): void {
    const member = this.member(id);
    const { disk } = member;
    this.setBack = true;
    this.losses.end();
    this.#parts.coverage.count('older copy of a disk put back');
    this.#parts.trace.record('put back', id, disk.durable.lastIndex, log.image.lastIndex);
    disk.putBack(log);
    member.putBackState(state);
  }

  #roleChanged(id: MemberId, now: ReplicaStatus, before: ReplicaStatus | undefined): void {
    const { trace, coverage } = this.#parts;
    trace.record(
      now.role,
      id,
      now.term,
      now.commit,
      () => `term ${now.term}, log ${now.lastIndex}, commit ${now.commit}`,
    );
    if (now.role === 'leader') this.#elected(id);
    else if (before?.role === 'leader' && before.term === now.term) {
      coverage.count('leader stepped down in its term');
      if (!now.voter) coverage.count('leader removed itself');
      else if (this.member(id).disk.isStalled) {
        coverage.count('leader with a stalled disk stepped down');
      }
    }
  }

  #elected(id: MemberId): void {
    const { coverage } = this.#parts;
    coverage.count('leader elected');
    if (raftOptionsOf(this.#parts.options, id).priority === 0) {
      coverage.count('leader elected of priority 0');
    }
    if (this.status(id)?.elections.at(-1)?.reason === 'leader-ended') {
      coverage.count('leader elected as the process of another had ended');
    }
    const configuration = this.status(id)?.membership.configuration;
    if (configuration !== undefined && isJoint(configuration)) {
      coverage.count('leader elected in a joint configuration');
    }
    if (this.ids.some((other) => other !== id && this.status(other)?.role === 'leader')) {
      coverage.count('two leaders of different terms');
    }
    this.#tellMoment('elected', id);
  }

  /** Somebody starts it again after a while, and has a damaged log rebuilt. */
  #stoppedItself(id: MemberId, error: Error): void {
    const { coverage, watch, time } = this.#parts;
    const code = error instanceof RaftError || error instanceof StateMachineError ? error.code : '';
    const { disk } = this.member(id);
    if (code === 'LOG_CONTRADICTED' && this.setBack) {
      // It would say so again. Nobody starts it before people have decided.
      coverage.count('contradiction of what is committed noticed');
      this.contradicted.add(id);
    } else if (code === 'STATE_DIVERGED' && this.wentWrong) {
      coverage.count('state that differs from most noticed');
      watch().hooks.diverged(id);
      this.contradicted.add(id);
    } else if (code === 'LOG_CORRUPT' && disk.foundDamage)
      coverage.count('damage of the log noticed');
    // The second: a state could not be installed, or one in memory not be made durable.
    else if ((code === 'LOG_WRITE_FAILED' && disk.hasFailed) || 'syscall' in error)
      coverage.count('member stopped by its disk');
    else watch().failed(id, error);
    time.after(this.#crashes.magnitude(REPAIR_MIN_MS, REPAIR_MAX_MS), () =>
      this.start(id, 'rebuild'),
    );
  }

  /** Members lose power in one moment. */
  crash(ids: readonly MemberId[]): void {
    const { coverage } = this.#parts;
    const running = [...new Set(ids)].filter((id) => this.runs(id));
    if (running.length > 1) coverage.count('members crashed together');
    if (running.length > 0 && this.ids.every((id) => running.includes(id) || !this.runs(id))) {
      coverage.count('all members crashed');
    }
    for (const id of running) this.#crashOne(this.member(id));
  }

  #crashOne(member: Member): void {
    const { coverage, trace } = this.#parts;
    const { id, disk, store } = member;
    coverage.count('member crashed');
    if (member.status?.role === 'leader') coverage.count('leader crashed');
    const { underWay, kept } = member.end();
    if (kept > 0) coverage.count('write kept that was not acknowledged', kept);
    if (kept < underWay) coverage.count('writes lost in a crash');
    if (kept > 0 && kept < underWay) coverage.count('group of writes cut by a crash');
    if (store.crash(this.#crashes)) coverage.count('state machine set back by a crash');
    if (store.appliedIndex < disk.durable.base.index) {
      coverage.count('snapshot interrupted by a crash');
    }
    const { lastIndex } = disk.durable;
    trace.record(
      'crashed',
      id,
      lastIndex,
      store.appliedIndex,
      () =>
        `${kept} of ${underWay} writes under way survived; log ${lastIndex}, ` +
        `state ${store.appliedIndex}`,
    );
  }

  stop(id: MemberId, handsOver: boolean, stopped: () => void): void {
    this.member(id).stop(handsOver, stopped);
  }

  pause(id: MemberId): void {
    this.member(id).process?.pause();
  }

  resume(id: MemberId): void {
    this.member(id).process?.resume();
  }
}

function describeMessage(message: Message): string {
  const { type, from, to: _, term, ...rest } = message;
  const short = 'entries' in rest ? { ...rest, entries: rest.entries.map((e) => e.term) } : rest;
  return `${type} from ${from} in term ${term} ${JSON.stringify(short)}`;
}
