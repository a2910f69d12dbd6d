import type { MemberId } from 'raft-ts/core';
import { Arguments } from '../arguments.js';
import { type Command, parseCommandLine, ScriptError } from '../directive.js';
import { parseChanges } from '../member-changes.js';
import { describeEntry, describeProgress, describeRole } from './describe.js';
import { Group } from './group.js';
import { describeRejection, type Member } from './member.js';
import { ELECTION_TICKS, HEARTBEAT_TICKS, readNewMembers } from './new-members.js';

/** What a tick is on the clock that leases are reckoned by. */
const TICK_MS = 100;

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'none'];

/** Prints to the group's output; what it returns is an error, which is printed even when quiet. */
type Action = (group: Group, args: Arguments) => string | undefined;

const ACTIONS: Readonly<Record<string, Action>> = {
  'add-nodes': (group, args) => {
    group.add(args.number(0), readNewMembers(args));
    return undefined;
  },
  campaign: (group, args) => act(group, args, (member) => member.raft.campaign()),
  compact: (group, args) => {
    group.member(args.number(0)).compact(args.number(1));
    return printLog(group, args);
  },
  'deliver-msgs': deliver,
  'forget-leader': (group, args) => act(group, args, (member) => member.raft.forgetLeader()),
  'log-level': (group, args) => setLevel(group, args.words[0]),
  'process-ready': (group, args) =>
    forEach(group, args, 'handling Ready', (member) => member.processReady()),
  'process-append-thread': (group, args) => forEachThread(group, args, 'append'),
  'process-apply-thread': (group, args) => forEachThread(group, args, 'apply'),
  propose: (group, args) => group.member(args.number(0)).propose(args.words[1] ?? ''),
  'raft-log': printLog,
  'raft-state': printStates,
  'read-index': readIndex,
  'report-unreachable': (group, args) => {
    group.member(args.number(0)).raft.reportUnreachable(args.number(1));
    return undefined;
  },
  restart: (group, args) => restart(group, args, false),
  'send-snapshot': sendSnapshot,
  'set-randomized-election-timeout': (group, args) => {
    const ticks = args.numberOf('timeout');
    if (ticks === undefined)
      throw new ScriptError('set-randomized-election-timeout needs timeout=');
    group.member(args.number(0)).raft.setElectionTimeout(ticks);
    return undefined;
  },
  stabilize,
  status: (group, args) => {
    const { progress } = group.member(args.number(0)).raft.status();
    for (const one of progress) group.output.print(describeProgress(one));
    return undefined;
  },
  tick: (group, args) => tick(group, args, args.number(1)),
  'tick-election': (group, args) => tick(group, args, ELECTION_TICKS),
  'tick-heartbeat': (group, args) => tick(group, args, HEARTBEAT_TICKS),
  'transfer-leadership': transferLeadership,
  wipe: (group, args) => restart(group, args, true),
};

/** Runs what drives a whole group of members: everything that happens is a directive. */
export class GroupScript {
  static readonly commands = [...Object.keys(ACTIONS), 'propose-conf-change'];

  readonly #group = new Group();

  run(command: Command): string {
    const error =
      command.name === 'propose-conf-change'
        ? proposeChange(this.#group, command)
        : this.#runAll(command);
    return this.#group.output.take(error === undefined ? [] : [error]);
  }

  /** The lines below the first one are commands too. */
  #runAll(command: Command): string | undefined {
    const error = this.#runOne(command);
    if (error !== undefined) return error;
    for (const line of command.input.split('\n')) {
      const next = parseCommandLine(line);
      const problem = next === undefined ? undefined : this.#runOne(next);
      if (problem !== undefined && this.#group.output.quiet) return problem;
      if (problem !== undefined) this.#group.output.print(problem);
    }
    return undefined;
  }

  #runOne(command: Omit<Command, 'input'>): string | undefined {
    const action = ACTIONS[command.name];
    if (action === undefined) throw new ScriptError(`there is no command ${command.name}`);
    return action(this.#group, new Arguments(command));
  }
}

function act(group: Group, args: Arguments, action: (member: Member) => void): undefined {
  const member = group.member(args.number(0));
  action(member);
  member.raft.replicate();
}

function restart(group: Group, args: Arguments, wipe: boolean): undefined {
  group.restart(args.number(0), wipe);
}

function tick(group: Group, args: Arguments, times: number): undefined {
  group.member(args.number(0)).tick(times, TICK_MS);
}

/** One member prints as it is, several each below a line that names it. */
function forEach(
  group: Group,
  args: Arguments,
  what: string,
  action: (member: Member) => void,
): undefined {
  const { numbers } = args;
  for (const id of numbers) {
    const member = group.member(id);
    if (numbers.length === 1) {
      action(member);
    } else {
      group.output.print(`> ${id} ${what}`);
      group.output.indented(() => action(member));
    }
  }
}

function forEachThread(group: Group, args: Arguments, thread: 'append' | 'apply'): undefined {
  forEach(group, args, `processing ${thread} thread`, ({ id, threads }) => {
    if (threads === undefined) throw new ScriptError(`member ${id} has no threads`);
    for (const line of threads.process(thread)) group.output.print(line);
  });
}

function deliver(group: Group, args: Arguments): undefined {
  args.allowOnly(['drop', 'type']);
  const type = args.value('type');
  const dropped = args.numbersOf('drop');
  const both = args.numbers.find((id) => dropped.includes(id));
  if (both !== undefined) throw new ScriptError(`can't both deliver and drop messages to ${both}`);
  const done = [
    ...args.numbers.map((id) => group.deliver(id, type)),
    ...dropped.map((id) => group.drop(id, type)),
  ];
  if (!done.includes(true)) group.output.print('no messages');
}

function stabilize(group: Group, args: Arguments): string | undefined {
  args.allowOnly(['log-level']);
  const { quiet } = group.output;
  const level = args.value('log-level');
  const problem = level === undefined ? undefined : setLevel(group, level);
  if (problem !== undefined) return problem;
  const ids: readonly MemberId[] = args.numbers;
  group.stabilize(ids.length > 0 ? ids : group.members.map(({ id }) => id));
  group.output.quiet = quiet;
  return undefined;
}

function setLevel(group: Group, level = ''): string | undefined {
  if (!LEVELS.includes(level.toLowerCase())) {
    return `log levels must be one of ${LEVELS.join(', ')}, not "${level}"`;
  }
  group.output.quiet = level.toLowerCase() === 'none';
  return undefined;
}

function printLog(group: Group, args: Arguments): undefined {
  const { base, entries, lastIndex } = group.member(args.number(0)).disk;
  if (entries.length === 0) {
    group.output.print(`log is empty: first index=${base.index + 1}, last index=${lastIndex}`);
  }
  for (const entry of entries) group.output.print(describeEntry(entry));
}

function printStates(group: Group): undefined {
  for (const { id, raft } of group.members) {
    const { role, voter, term, leader, recovering } = raft.status();
    const state = `${describeRole(role)} (${voter ? 'Voter' : 'Non-Voter'})`;
    const recovery = recovering ? ' Recovering' : '';
    group.output.print(`${id}: ${state} Term:${term} Lead:${leader}${recovery}`);
  }
}

function proposeChange(group: Group, command: Command): string | undefined {
  const args = new Arguments(command);
  args.allowOnly(['v1', 'transition']);
  const transition = args.oneOf('transition', ['auto', 'implicit', 'explicit']) ?? 'auto';
  const changes = parseChanges(command.input);
  if (args.flagOf('v1') === true && (changes.length !== 1 || transition !== 'auto')) {
    return 'v1 conf change can only have one operation and no transition';
  }
  return group.member(args.number(0)).changeMembership({ changes, transition });
}

/** The state that a member has now is on its way to another one. */
function sendSnapshot(group: Group, args: Arguments): undefined {
  const from = group.member(args.number(0));
  const { index, term: indexTerm } = from.application.state.base;
  const { term } = from.raft;
  const to = args.number(1);
  const parcel = from.parcel({
    type: 'snapshot-offer',
    heard: true,
    from: from.id,
    to,
    term,
    index,
    indexTerm,
    peers: [],
  });
  group.output.print(parcel.text);
  group.post([parcel]);
}

function transferLeadership(group: Group, args: Arguments): undefined {
  const from = args.numberOf('from');
  const to = args.numberOf('to');
  if (from === undefined || to === undefined) {
    throw new ScriptError('transfer-leadership needs from= and to=');
  }
  const member = group.member(from);
  const outcome = member.raft.transferLeadership(to);
  if (!outcome.accepted) group.output.print(`INFO ${from} ${describeRejection(outcome)}`);
  member.raft.replicate();
}

function readIndex(group: Group, args: Arguments): string | undefined {
  args.allowOnly(['lease']);
  const { raft, nowMs } = group.member(args.number(0));
  const outcome = raft.readIndex(args.number(1), args.flagOf('lease') === true ? nowMs : undefined);
  return outcome.accepted ? undefined : describeRejection(outcome);
}
