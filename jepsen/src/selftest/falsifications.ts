import { type Call, callsOf } from '../histories/call.js';
import type { History } from '../histories/history.js';
import { type FailEvent, NEMESIS, type OkEvent } from '../histories/history-event.js';
import type { Json } from '../histories/json.js';
import type { Random } from '../random.js';

/** A call that was answered. */
interface AnsweredCall extends Call {
  readonly end: OkEvent;
}

/** One answer of a history that is altered into what no right system can have given. */
export interface Falsification {
  /** A whole sentence of what is wrong then. */
  readonly lie: string;
  /** The workload whose histories it is for. */
  readonly workload: string;
  /** The checker that has to find it, and to name the call. */
  readonly foundBy: string;
  /** The answer in the place of `call`'s, with which the history is certainly wrong; undefined: with none. */
  alter(call: AnsweredCall, others: readonly AnsweredCall[]): OkEvent | FailEvent | undefined;
}

export interface FalsifiedHistory {
  readonly history: History;
  /** The index of the call whose answer was altered. */
  readonly call: number;
}

/** Alters one answer, of a call drawn; undefined where none of the history's answers would do. */
export function falsify(
  history: History,
  { alter }: Falsification,
  random: Random,
): FalsifiedHistory | undefined {
  const answered = callsOf(history.events).filter(isAnswered);
  for (const call of random.shuffle(answered)) {
    const altered = alter(call, answered);
    if (altered === undefined) continue;
    const events = history.events.map((event) => (event.index === altered.index ? altered : event));
    return { history: { ...history, events }, call: call.invoke.index };
  }
  return undefined;
}

/** For each checker at least one that it has to find. */
export const FALSIFICATIONS: readonly Falsification[] = [
  {
    lie: 'a read of a register returns what was overwritten before it was called',
    workload: 'register',
    foundBy: 'linearizability',
    alter: ofKind('read', (read, others) => {
      const written = others.find(
        (other) =>
          valueSet(other) === read.end.output && isBefore(other, read) && sameKey(other, read),
      );
      if (written === undefined || read.end.output === null) return undefined;
      const overwritten = others.find(
        (other) =>
          other.invoke.input.kind === 'write' && isBefore(other, written) && sameKey(other, read),
      );
      return overwritten?.invoke.input.value;
    }),
  },
  {
    lie: 'a read of a set lacks an element whose add was acknowledged before',
    workload: 'set',
    foundBy: 'set',
    alter: ofKind('read', (read, others) => {
      const elements = listOf(read.end.output);
      const added = others.find(
        (other) =>
          other.invoke.input.kind === 'add' &&
          isBefore(other, read) &&
          sameKey(other, read) &&
          elements.some((element) => element === other.invoke.input.element),
      );
      if (added === undefined) return undefined;
      return elements.filter((element) => element !== added.invoke.input.element);
    }),
  },
  {
    lie: 'a read of a list returns its first two elements in another order than the other reads',
    workload: 'lists',
    foundBy: 'append list',
    alter: ofKind('read', (read, others) => {
      const [first, second, ...rest] = listOf(read.end.output);
      const isSeen = others.some(
        (other) => other !== read && sameKey(other, read) && listOf(other.end.output).length > 1,
      );
      return first === undefined || second === undefined || !isSeen
        ? undefined
        : [second, first, ...rest];
    }),
  },
  {
    lie: 'a read of a counter returns a sum that was exceeded before it was called',
    workload: 'counter',
    foundBy: 'counter',
    alter: ofKind('read', earlierSum),
  },
  {
    lie: 'a client reads less of a counter than it had read before',
    workload: 'counter',
    foundBy: 'monotonic reads',
    alter: ofKind('read', (read, others) => {
      const seen = others.find(
        (other) => isOwnBefore('read', other, read) && Number(other.end.output) > 0,
      );
      return seen === undefined ? undefined : Number(seen.end.output) - 1;
    }),
  },
  {
    lie: 'a lock is granted with a token that somebody else was given',
    workload: 'lock',
    foundBy: 'lock',
    alter: ofKind('acquire', (acquire, others) => {
      if (acquire.end.output !== null) return undefined;
      const granted = others.find(
        ({ invoke, end }) =>
          invoke.input.kind === 'acquire' &&
          invoke.input.lock === acquire.invoke.input.lock &&
          end.output !== null,
      );
      return granted?.end.output;
    }),
  },
  {
    lie: 'a name is given to a second client',
    workload: 'names',
    foundBy: 'unique names',
    alter: ofKind('claim', (claim, others) => {
      const isTaken = others.some(
        ({ invoke, end }) => invoke.input.name === claim.invoke.input.name && end.output === true,
      );
      return claim.end.output === false && isTaken ? true : undefined;
    }),
  },
  {
    lie: 'a new file has the id of another one that was made before',
    workload: 'inode',
    foundBy: 'linearizability',
    alter: ofKind('create', (create, others) => {
      if (fieldOf(create.end.output, 'id') === undefined) return undefined;
      const older = others.find(
        (other) =>
          other.invoke.input.kind === 'create' &&
          other.invoke.input.tree === create.invoke.input.tree &&
          fieldOf(other.end.output, 'id') !== undefined &&
          isBefore(other, create),
      );
      return older?.end.output;
    }),
  },
  {
    lie: 'a directory lists one inode under two names',
    workload: 'renames',
    foundBy: 'linearizability',
    alter: ofKind('list', ({ end: { output } }) => {
      const entries = listOf(fieldOf(output, 'entries') ?? null);
      const [first] = entries;
      if (first === undefined) return undefined;
      const [, ...inode] = listOf(first);
      return { entries: [...entries, ['twin', ...inode]] };
    }),
  },
  {
    lie: 'a bounded read is staler than its bound',
    workload: 'follower-reads',
    foundBy: 'stale reads',
    alter: ofKind('read', (read, others) => {
      const { consistency, maxStaleMs } = read.invoke.input;
      if (consistency !== 'bounded') return undefined;
      const isStale = others.some(
        (other) =>
          other.invoke.input.kind === 'add' &&
          sameKey(other, read) &&
          read.invoke.atMs - other.end.atMs > Number(maxStaleMs),
      );
      return isStale ? 0 : undefined;
    }),
  },
  {
    lie: 'a client does not read what it wrote',
    workload: 'sessions',
    foundBy: 'session order',
    alter: ofKind('read', (read, others) => {
      const own = others.find((other) => isOwnBefore('add', other, read));
      return own === undefined ? undefined : Number(own.end.output) - 1;
    }),
  },
  {
    lie: 'members differ at the end',
    workload: 'set',
    foundBy: 'members agree',
    alter: ({ invoke, end }) =>
      invoke.process === NEMESIS && invoke.input.kind === 'compare-members'
        ? { ...end, output: ['n1 and n2 hold different states'] }
        : undefined,
  },
  {
    lie: 'a call fails with an error that the system does not document',
    workload: 'set',
    foundBy: 'error codes',
    alter: ({ invoke, end: { output: _, ...end } }) =>
      invoke.process === NEMESIS
        ? undefined
        : { ...end, type: 'fail', error: { code: 'NOT_DOCUMENTED', message: 'no' } },
  },
];

/** Of calls of clients of one kind: another output; undefined: none that would do. */
function ofKind(
  kind: string,
  outputOf: (call: AnsweredCall, others: readonly AnsweredCall[]) => Json | undefined,
): Falsification['alter'] {
  return (call, others) => {
    if (call.invoke.process === NEMESIS || call.invoke.input.kind !== kind) return undefined;
    const output = outputOf(call, others);
    return output === undefined ? undefined : { ...call.end, output };
  };
}

/** Whether a call of that kind is by the reading process, of the same key, and was answered before. */
function isOwnBefore(kind: string, call: AnsweredCall, read: AnsweredCall): boolean {
  const { input, process } = call.invoke;
  const isOwn = input.kind === kind && process === read.invoke.process;
  return isOwn && isBefore(call, read) && sameKey(call, read);
}

/** A counter only grows: what an add was answered with, before another one ended and the read began. */
function earlierSum(read: AnsweredCall, others: readonly AnsweredCall[]): Json | undefined {
  const adds = others.filter(
    (other) => other.invoke.input.kind === 'add' && isBefore(other, read) && sameKey(other, read),
  );
  const later = adds.find((add) => adds.some((earlier) => isBefore(earlier, add)));
  return later === undefined ? undefined : adds.find((add) => isBefore(add, later))?.end.output;
}

function isAnswered(call: Call): call is AnsweredCall {
  return call.end?.type === 'ok';
}

/** Whether one had been answered when the other was called. */
function isBefore(one: AnsweredCall, other: AnsweredCall): boolean {
  return one.end.index < other.invoke.index;
}

function sameKey(one: AnsweredCall, other: AnsweredCall): boolean {
  return one.invoke.input.key === other.invoke.input.key;
}

/** What a register holds by a call of it. */
function valueSet({ invoke: { input }, end }: AnsweredCall): Json | undefined {
  if (input.kind === 'write') return input.value;
  return input.kind === 'compare-and-set' && end.output === true ? input.to : undefined;
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function fieldOf(value: Json, field: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).find(([name]) => name === field)?.[1];
}
